#include "scenes/file_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "scenes/value_reading.h"

namespace latentreel::scenes {
namespace {

using namespace std::string_view_literals;

bool begins(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}

}  // namespace

bool is_model_path(std::string_view name) {
  if (begins(name, "/") || begins(name, "./") || begins(name, "../")) return true;
  constexpr std::array kEndings = {".safetensors"sv, ".pt"sv, ".pth"sv, ".ckpt"sv, ".bin"sv};
  return std::any_of(kEndings.begin(), kEndings.end(), [&](std::string_view ending) {
    return name.size() > ending.size() && name.substr(name.size() - ending.size()) == ending;
  });
}

std::filesystem::path NamedFiles::resolve(std::string_view name) const {
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
  auto path = resolve(*name);
  // A thousand keyframes may name the same picture: it is looked for where it was named first.
  const bool known = std::any_of(files_.begin(), files_.end(),
                                 [&](const Named& named) { return named.path == path; });
  if (!known) files_.push_back({path, std::string(what), value.position});
  return path;
}

std::optional<std::string> NamedFiles::read_model(const Value& value, std::string_view key,
                                                  Mistakes& mistakes) const {
  const auto name = read_text(value, {.key = key, .example = "\"tiny\""}, mistakes);
  if (!name) return std::nullopt;
  if (name->empty()) {
    mistakes.add(value.position, fmt::format("{}: the name is empty", key),
                 "the bundled model is called \"tiny\"");
    return std::nullopt;
  }
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
