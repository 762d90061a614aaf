#include "src/files/folders.h"

#include <fmt/format.h>

#include <system_error>

#include "src/files/error.h"

namespace latentreel::files {

namespace fs = std::filesystem;

std::vector<fs::path> missing_folders(const fs::path& file) {
  std::vector<fs::path> missing;
  std::error_code ignored;
  for (auto folder = file.parent_path(); !folder.empty() && !fs::exists(folder, ignored);
       folder = folder.parent_path()) {
    missing.push_back(folder);
    if (folder == folder.parent_path()) break;
  }
  return missing;
}

void make_folders_for(const fs::path& file) {
  const auto folder = file.parent_path();
  if (folder.empty()) return;
  std::error_code error;
  fs::create_directories(folder, error);
  // A name that ends with "/" may be called not created though it is there.
  std::error_code ignored;
  if (!error || fs::is_directory(folder, ignored)) return;
  throw FileError(FileError::Kind::cannot_create,
                  fmt::format("making the folder {}: {}; choose another one",
                              quoted(folder.string()), error.message()),
                  error.value());
}

}  // namespace latentreel::files
