#include "src/files/user_folders.h"

#include <cstdlib>

namespace latentreel::files {
namespace {

namespace fs = std::filesystem;

fs::path absolute_folder_in(const char* variable) {
  const char* value = std::getenv(variable);
  const fs::path folder = value == nullptr ? "" : value;
  return folder.is_absolute() ? folder : fs::path();
}

fs::path user_folder(const char* variable, const char* below_home) {
  if (const auto folder = absolute_folder_in(variable); !folder.empty()) {
    return folder / "latentreel";
  }
  const auto home = absolute_folder_in("HOME");
  return home.empty() ? fs::path() : home / below_home / "latentreel";
}

}  // namespace

fs::path user_data_folder() {
  return user_folder("XDG_DATA_HOME", ".local/share");
}

fs::path user_cache_folder() {
  return user_folder("XDG_CACHE_HOME", ".cache");
}

}  // namespace latentreel::files
