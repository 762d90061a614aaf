#include "src/cli/film_name.h"

#include <algorithm>
#include <string_view>

#include "src/plan/renderer.h"

namespace latentreel::cli {
namespace {

namespace fs = std::filesystem;

bool is_folder(const fs::path& path) {
  const auto name = path.filename();
  std::error_code ignored;
  return name.empty() || name == "." || name == ".." || fs::is_directory(path, ignored);
}

bool is_plain_in_a_shell(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  const bool other = static_cast<unsigned char>(c) >= 0x80 ||
                     std::string_view("/._-+:,@%=").find(c) != std::string_view::npos;
  return letter || (c >= '0' && c <= '9') || other;
}

}  // namespace

std::string name_of_part(const render::RenderJob& job) {
  std::string added = job.scene.captions ? "-preview" : "";
  if (!job.range) return added;
  for (const auto frame : {job.range->first, job.range->end}) {
    auto time = scenes::format_seconds(scenes::time_of_frame(frame, job.scene.video.fps));
    time.erase(std::remove(time.begin(), time.end(), ' '), time.end());
    added += "-" + time;
  }
  return added;
}

fs::path default_film(const fs::path& scene_file, const scenes::Scene& scene,
                      const std::string& added) {
  return scene_file.stem().string() + added +
         std::string(render::film_extension(scene.video.codec));
}

fs::path film_file(const fs::path& asked, const fs::path& scene_file, const scenes::Scene& scene,
                   const std::string& added) {
  if (asked.empty()) return default_film(scene_file, scene, added);
  if (is_folder(asked)) return (asked / default_film(scene_file, scene, added)).lexically_normal();
  if (asked.has_extension()) return asked;
  return asked.string() + std::string(render::film_extension(scene.video.codec));
}

std::string check_output_name(const std::string& name) {
  if (name != "-") return {};
  return "nothing is written to standard output: name a file or a folder (./- is a file of that "
         "name)";
}

std::string shell_word(const std::string& name) {
  bool plain = !name.empty() && name.front() != '-';
  for (const char c : name) plain = plain && is_plain_in_a_shell(c);
  if (plain) return name;
  std::string word = name.starts_with('-') ? "'./" : "'";
  for (const char c : name) {
    if (c == '\'') {
      word += "'\\''";
    } else {
      word += c;
    }
  }
  return word + "'";
}

}  // namespace latentreel::cli
