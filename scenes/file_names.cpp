#include "scenes/file_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "scenes/value_reading.h"

namespace latentreel::scenes {
namespace {

using namespace std::string_view_literals;

bool begins(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}

// The home folder, for names that begin with "~/"; empty where the environment names none.
std::filesystem::path home() {
  const char* value = std::getenv("HOME");
  const std::filesystem::path folder = value == nullptr ? "" : value;
  return folder.is_absolute() ? folder : std::filesystem::path();
}

// Adds a mistake for an address on the web, of which a scene fetches nothing; false for a file.
bool refuse_address(const Value& value, std::string_view key, std::string_view name,
                    const std::string& advice, Mistakes& mistakes) {
  const auto colon = name.find("://");
  if (colon == std::string_view::npos ||
      name.substr(0, colon).find('/') != std::string_view::npos) {
    return false;
  }
  if (begins(name, "file://")) {
    mistakes.add(value.position, fmt::format("{}: \"{}\" is not a path", key, printable(name, 80)),
                 fmt::format("write \"{}\"", printable(name.substr(colon + 3), 80)));
  } else {
    mistakes.add(value.position,
                 fmt::format("{}: \"{}\" is not a file of this machine", key, printable(name, 80)),
                 advice);
  }
  return true;
}

}  // namespace

bool is_model_path(std::string_view name) {
  if (begins(name, "~/")) return true;
  if (begins(name, "/") || begins(name, "./") || begins(name, "../")) return true;
  constexpr std::array kEndings = {".safetensors"sv, ".pt"sv, ".pth"sv, ".ckpt"sv, ".bin"sv};
  return std::any_of(kEndings.begin(), kEndings.end(), [&](std::string_view ending) {
    return name.size() > ending.size() && name.substr(name.size() - ending.size()) == ending;
  });
}

std::filesystem::path NamedFiles::resolve(std::string_view name) const {
  if (begins(name, "~/") && !home().empty()) {
    return (home() / std::filesystem::path(name.substr(2))).lexically_normal();
  }
  return (folder_ / std::filesystem::path(name)).lexically_normal();
}

std::optional<std::filesystem::path> NamedFiles::read(const Value& value, std::string_view key,
                                                      std::string_view what, Mistakes& mistakes) {
  const auto name = read_text(value, {.key = key, .example = "\"name.ext\""}, mistakes);
  if (!name) return std::nullopt;
  if (name->empty()) {
    mistakes.add(value.position, fmt::format("{}: the file name is empty", key));
    return std::nullopt;
  }
  const auto advice =
      fmt::format("download the {} beside the scene and write its file's name", what);
  if (refuse_address(value, key, *name, advice, mistakes)) return std::nullopt;
  auto path = resolve(*name);
  // A thousand keyframes may name the same picture: it is looked for where it was named first.
  const bool known = std::any_of(files_.begin(), files_.end(),
                                 [&](const Named& named) { return named.path == path; });
  if (!known) files_.push_back({path, std::string(what), value.position});
  return path;
}

std::optional<std::string> NamedFiles::read_model(const Value& value, std::string_view key,
                                                  Mistakes& mistakes) const {
  auto name = read_text(value, {.key = key, .example = "\"tiny\""}, mistakes);
  if (!name) return std::nullopt;
  if (name->empty()) {
    mistakes.add(value.position, fmt::format("{}: the name is empty", key),
                 "the bundled model is called \"tiny\"");
    return std::nullopt;
  }
  const std::string advice = "download it, then: latentreel models import FILE --name NAME";
  if (refuse_address(value, key, *name, advice, mistakes)) return std::nullopt;
  if (!is_model_path(*name)) return name;
  const std::string path = resolve(*name).string();
  // "./folder/model" beside a scene without folder must stay a path.
  return is_model_path(path) ? path : "./" + path;
}

void NamedFiles::check(Mistakes& mistakes) const {
  for (const Named& named : files_) {
    std::error_code error;
    const auto status = std::filesystem::status(named.path, error);
    if (std::filesystem::exists(status) && !std::filesystem::is_directory(status)) continue;
    const std::string path = printable(named.path.string());
    if (std::filesystem::exists(status)) {
      mistakes.add_missing_file(named.position,
                                fmt::format("the {} \"{}\" is a folder", named.what, path));
    } else {
      mistakes.add_missing_file(named.position,
                                fmt::format("there is no {} \"{}\"", named.what, path),
                                "paths in a scene are relative to the scene's folder");
    }
  }
}

}  // namespace latentreel::scenes
