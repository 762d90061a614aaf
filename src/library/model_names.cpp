#include "src/library/model_names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <set>

namespace latentreel::library {
namespace {

namespace fs = std::filesystem;

const char* file_name(ModelKind kind) {
  return kind == ModelKind::vqgan ? "vqgan.safetensors" : "clip.safetensors";
}

const char* words(ModelKind kind) {
  return kind == ModelKind::vqgan ? "VQGAN" : "CLIP";
}

bool is_path(const std::string& name) {
  return name.find('/') != std::string::npos || fs::path(name).has_extension();
}

// As the XDG base directories are specified: a folder that is not absolute counts as not given. The
// tokenizer looks for the published vocabulary by the same rule (models/clip/tokenizer.cpp).
fs::path data_home() {
  if (const char* set = std::getenv("XDG_DATA_HOME"); set != nullptr && *set == '/') return set;
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/') {
    return fs::path(home) / ".local/share";
  }
  return {};
}

}  // namespace

ModelNames ModelNames::standard(const fs::path& extra) {
  std::vector<fs::path> folders;
  if (!extra.empty()) folders.push_back(extra);
  if (const auto home = data_home(); !home.empty()) folders.push_back(home / "latentreel/models");
  folders.emplace_back(LATENTREEL_MODELS_DIR);
  return ModelNames(std::move(folders));
}

fs::path ModelNames::find(const std::string& name, ModelKind kind) const {
  std::error_code ignored;
  const fs::path path(name);
  // "ViT-B/32" has a slash and is a name: what exists as a path is one.
  if (fs::is_directory(path, ignored) && is_path(name)) return path / file_name(kind);
  if (fs::exists(path, ignored) && is_path(name)) return path;
  for (const auto& folder : folders_) {
    const auto file = folder / name / file_name(kind);
    if (fs::exists(file, ignored)) return file;
  }
  if (is_path(name)) {
    throw UnknownModel(
        fmt::format("opening the {} \"{}\": there is no such file, and no model of "
                    "that name. Known names: {}.",
                    words(kind), name, fmt::join(known(kind), ", ")));
  }
  throw UnknownModel(
      fmt::format("finding the {} \"{}\": no model has that name. Known names: {}. A "
                  "path to a .safetensors file works too.",
                  words(kind), name, fmt::join(known(kind), ", ")));
}

std::vector<std::string> ModelNames::known(ModelKind kind) const {
  std::set<std::string> names;
  for (const auto& folder : folders_) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      if (fs::exists(entry.path() / file_name(kind), ignored)) {
        names.insert(entry.path().filename().string());
      }
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace latentreel::library
