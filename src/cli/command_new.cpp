#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <memory>

#include "ffmpeg/video_clip.h"
#include "scenes/scene_template.h"
#include "scenes/schema.h"
#include "src/cli/commands.h"
#include "src/cli/exit_codes.h"
#include "src/cli/film_name.h"
#include "src/cli/new_file.h"
#include "src/files/atomic_file.h"
#include "src/files/user_folders.h"

namespace latentreel::cli {
namespace {

// "night-drive.toml" -> "Night drive"
std::string title_of(const std::filesystem::path& file) {
  auto title = file.stem().string();
  for (auto& c : title) {
    if (c == '-' || c == '_') c = ' ';
  }
  if (!title.empty() && title[0] >= 'a' && title[0] <= 'z') title[0] -= 'a' - 'A';
  return title;
}

// As file:// URLs are written: RFC 3986, section 2.
std::string url_of(const std::filesystem::path& file) {
  std::string url = "file://";
  for (const char c : file.string()) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::strchr("/-._~", c) != nullptr;
    url += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return url;
}

// The schema where editors find it, as this version of the program has it; nothing where it cannot
// be kept: a scene is as good without.
std::string kept_schema() {
  const auto folder = files::user_data_folder();
  if (folder.empty()) return {};
  const auto file = folder / "scene.schema.json";
  try {
    std::filesystem::create_directories(folder);
    files::write_file(file, scenes::scene_schema());
  } catch (const std::exception& error) {
    std::cerr << fmt::format("The scene is written without a schema for editors: {}\n",
                             error.what());
    return {};
  }
  return url_of(file);
}

struct NewOptions {
  std::filesystem::path file;
  bool zoom = false;
  std::filesystem::path footage;  // empty: none
};

// As the scene names it: beside it where it is there, else by the way to it.
std::string clip_name(const NewOptions& options) {
  const auto clip = std::filesystem::absolute(options.footage);
  const auto folder = std::filesystem::absolute(options.file).parent_path();
  const auto beside = clip.lexically_proximate(folder);
  return beside.empty() ? clip.string() : beside.string();
}

std::string text_of(const NewOptions& options) {
  const auto title = title_of(options.file);
  if (options.footage.empty()) {
    return scenes::scene_template(
        title, kept_schema(),
        options.zoom ? scenes::TemplateKind::zoom : scenes::TemplateKind::film);
  }
  ffmpeg::VideoClip clip(options.footage);  // what cannot be read is known now
  for (const auto& warning : clip.warnings()) std::cerr << "warning: " << warning << '\n';
  return scenes::footage_template(title, kept_schema(), clip_name(options), clip.info().width,
                                  clip.info().height);
}

int write_new(const NewOptions& options) {
  const auto& file = options.file;
  write_new_file(file, text_of(options), "scene");
  std::cout << file.string() << '\n';
  std::cerr << fmt::format("Wrote {}. Next: edit its prompts, then run: latentreel render {}\n",
                           file.string(), shell_word(file.string()));
  return kDone;
}

}  // namespace

void add_new(CLI::App& program, int& result) {
  auto options = std::make_shared<NewOptions>();
  auto* command = program.add_subcommand("new", "Write a commented scene to start from");
  command->add_option("scene", options->file, "The file to write")
      ->required()
      ->check(CLI::Validator(check_output_name, ""))
      ->type_name("SCENE");
  auto* zoom = command->add_flag("--zoom", options->zoom,
                                 "An endless zoom, whose frames grow out of one another");
  command->add_option("--footage", options->footage, "A clip that is repainted")
      ->type_name("CLIP")
      ->excludes(zoom);
  command->footer(
      "Examples:\n"
      "  latentreel new dawn.toml && latentreel render dawn.toml\n"
      "  latentreel new dive.toml --zoom\n"
      "  latentreel new dance.toml --footage dance.mp4");
  command->callback([options, &result] { result = write_new(*options); });
}

}  // namespace latentreel::cli
