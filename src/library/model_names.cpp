#include "src/library/model_names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <optional>

#include "models/files/weights_index.h"
#include "src/files/error.h"
#include "src/files/sizes.h"
#include "src/files/user_folders.h"
#include "src/library/catalogue.h"

namespace latentreel::library {
namespace {

namespace fs = std::filesystem;

bool is_path(const std::string& name) {
  return name.find('/') != std::string::npos || fs::path(name).has_extension();
}

fs::path bundled_folder() {
  return LATENTREEL_MODELS_DIR;
}

// What a folder holds; nothing for one that is no pack.
std::optional<InstalledPack> pack_in(const fs::path& folder, bool bundled) {
  InstalledPack pack{
      .name = folder.filename().string(), .folder = folder, .kinds = {}, .bundled = bundled};
  std::error_code ignored;
  for (const auto kind : {ModelKind::vqgan, ModelKind::clip}) {
    if (fs::exists(folder / weights_file(kind), ignored)) pack.kinds.push_back(kind);
  }
  return pack.kinds.empty() ? std::nullopt : std::optional(pack);
}

bool is_pack_path(const std::string& name) {
  std::error_code ignored;
  return is_path(name) && fs::is_directory(name, ignored);
}

// What is wrong with a name that is not here.
const char* problem(const std::string& name) {
  return is_path(name) && find_in_catalogue(name) == nullptr
             ? "there is no such file, and no model of that name"
             : "it is not on this machine";
}

// How a name that is not here can become one that is.
std::string advice(const std::string& name) {
  const auto* published = find_in_catalogue(name);
  if (published == nullptr) {
    return "`latentreel models list` shows what can be fetched; a path to a model's file works "
           "too.";
  }
  const auto size =
      published->about_bytes == 0
          ? std::string()
          : fmt::format("about {}, ",
                        files::format_bytes(static_cast<double>(published->about_bytes)));
  return fmt::format("To get it ({}licence: {}): {}", size, published->licence,
                     how_to_get(*published));
}

}  // namespace

std::optional<InstalledPack> pack_at(const std::string& name) {
  if (!is_pack_path(name)) return std::nullopt;
  std::error_code ignored;
  const auto whole = fs::canonical(name, ignored);  // "." and "mine/" do not end with a name
  return pack_in(whole, is_bundled_folder(whole.parent_path()));
}

bool is_bundled_folder(const fs::path& folder) {
  std::error_code ignored;
  return fs::equivalent(folder, bundled_folder(), ignored);
}

fs::path user_models_folder() {
  const auto data = files::user_data_folder();
  if (data.empty()) {
    throw LibraryError(LibraryError::Kind::cannot_create,
                       "finding your folder of models: neither XDG_DATA_HOME nor HOME is set to an "
                       "absolute path. Name one with --models DIR.");
  }
  return data / "models";
}

ModelNames ModelNames::standard(const fs::path& extra) {
  std::vector<fs::path> folders;
  if (!extra.empty()) folders.push_back(extra);
  if (!files::user_data_folder().empty()) folders.push_back(user_models_folder());
  folders.push_back(bundled_folder());
  return ModelNames(std::move(folders));
}

fs::path ModelNames::find(const std::string& name, ModelKind kind) const {
  std::error_code ignored;
  const fs::path path(name);
  // "ViT-B/32" has a slash and is a name: what exists as a path is one.
  if (is_pack_path(name) && pack_in(path, false)) return path / weights_file(kind);
  if (fs::exists(path, ignored) && is_path(name)) return models::resolve_weights(path);
  for (const auto& folder : folders_) {
    for (const auto& spelling : {name, folder_name(name)}) {
      const auto file = folder / spelling / weights_file(kind);
      if (fs::exists(file, ignored)) return file;
    }
  }
  throw LibraryError(
      LibraryError::Kind::unknown,
      fmt::format("finding the {} {}: {}. Known here: {}. {}", words(kind), files::quoted(name),
                  problem(name), fmt::join(known(kind), ", "), advice(name)));
}

std::vector<std::string> ModelNames::known(ModelKind kind) const {
  std::vector<std::string> names;
  for (const auto& pack : packs()) {
    for (const auto held : pack.kinds) {
      if (held == kind) names.push_back(pack.name);
    }
  }
  return names;
}

std::vector<InstalledPack> ModelNames::packs() const {
  std::map<std::string, InstalledPack> found;
  for (const auto& folder : folders_) {
    std::error_code ignored;
    const bool bundled = is_bundled_folder(folder);
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      if (entry.path().filename().string().starts_with('.')) continue;  // in the making
      if (auto pack = pack_in(entry.path(), bundled)) {
        found.emplace(pack->name, std::move(*pack));
      }
    }
  }
  std::vector<InstalledPack> packs;
  for (auto& [name, pack] : found) packs.push_back(std::move(pack));
  return packs;
}

bool ModelNames::has(const std::string& name) const {
  for (const auto& pack : packs()) {
    if (pack.name == folder_name(name)) return true;
  }
  return false;
}

InstalledPack ModelNames::pack(const std::string& name) const {
  std::vector<std::string> names;
  for (auto& pack : packs()) {
    if (pack.name == folder_name(name)) return pack;
    names.push_back(pack.name);
  }
  throw LibraryError(
      LibraryError::Kind::unknown,
      fmt::format("finding the model {}: {}. Known here: {}. {}", files::quoted(name),
                  problem(name), fmt::join(names, ", "), advice(name)));
}

}  // namespace latentreel::library
