#include "src/files/user_folders.h"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "src/files/error.h"

namespace latentreel::files {
namespace {

namespace fs = std::filesystem;

fs::path absolute_folder_in(const char* variable) {
  const char* value = std::getenv(variable);
  const fs::path folder = value == nullptr ? "" : value;
  return folder.is_absolute() ? folder : fs::path();
}

// Services have homes such as /nonexistent: those are none.
fs::path home_of_account() {
  std::vector<char> buffer(1 << 16);
  passwd entry{};
  passwd* found = nullptr;
  const int error = ::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found);
  if (error != 0 || found == nullptr || found->pw_dir == nullptr) return {};
  const fs::path folder = found->pw_dir;
  std::error_code ignored;
  return folder.is_absolute() && fs::is_directory(folder, ignored) ? folder : fs::path();
}

fs::path user_folder(const char* variable, const char* below_home) {
  if (const auto folder = absolute_folder_in(variable); !folder.empty()) {
    return folder / "latentreel";
  }
  const auto home = home_folder();
  return home.empty() ? fs::path() : home / below_home / "latentreel";
}

[[noreturn]] void refuse_temporary(const fs::path& folder, const std::string& problem, int error) {
  throw FileError(FileError::Kind::cannot_create,
                  fmt::format("keeping finished work in {}, as this user has no home folder: {}; "
                              "name another folder with --store, or set HOME",
                              quoted(folder.string()), problem),
                  error);
}

}  // namespace

fs::path home_folder() {
  const auto home = absolute_folder_in("HOME");
  return home.empty() ? home_of_account() : home;
}

fs::path user_data_folder() {
  return user_folder("XDG_DATA_HOME", ".local/share");
}

fs::path user_cache_folder() {
  return user_folder("XDG_CACHE_HOME", ".cache");
}

fs::path private_temporary_folder() {
  std::error_code no_parent;
  const auto parent = fs::temp_directory_path(no_parent);
  if (no_parent) refuse_temporary("TMPDIR", no_parent.message(), no_parent.value());
  auto folder = parent / fmt::format("latentreel-{}", ::geteuid());
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    refuse_temporary(folder, std::strerror(errno), errno);
  }
  struct stat status {};
  if (::lstat(folder.c_str(), &status) != 0) refuse_temporary(folder, std::strerror(errno), errno);
  if (!S_ISDIR(status.st_mode)) refuse_temporary(folder, "it is no folder", ENOTDIR);
  if (status.st_uid != ::geteuid()) refuse_temporary(folder, "it is another user's", EPERM);
  if ((status.st_mode & 077) != 0) {
    refuse_temporary(folder, "other users may enter it", EPERM);
  }
  return folder;
}

}  // namespace latentreel::files
