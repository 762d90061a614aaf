#include "src/store/usable_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "src/run/error.h"

namespace latentreel::render {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTemporary = "latentreel-run-";
constexpr std::string_view kAnySix = "XXXXXX";  // for mkdtemp

int open_folder(const fs::path& folder) {
  return ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

// Locks the new folder that `lock` is open on; false where another run's cleaning has caught it
// first. Where the file system knows no locks nobody cleans.
bool lock_new(int lock) {
  struct stat status {};
  const bool held = ::flock(lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  return !held && (::fstat(lock, &status) != 0 || status.st_nlink > 0);
}

void remove_if_left(const fs::path& folder) {
  const int lock = open_folder(folder);
  if (lock < 0) return;
  struct stat status {};
  if (::fstat(lock, &status) == 0 && status.st_uid == ::geteuid() &&
      ::flock(lock, LOCK_EX | LOCK_NB) == 0) {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
  }
  ::close(lock);
}

void remove_left_folders(const fs::path& parent) {
  std::error_code error;
  for (fs::directory_iterator entry(parent, error), end; !error && entry != end;
       entry.increment(error)) {
    const auto name = entry->path().filename().string();
    if (name.starts_with(kTemporary) && name.size() == kTemporary.size() + kAnySix.size()) {
      remove_if_left(entry->path());
    }
  }
}

fs::path make_temporary(const fs::path& parent) {
  auto name = (parent / fmt::format("{}{}", kTemporary, kAnySix)).string();
  if (::mkdtemp(name.data()) != nullptr) return name;
  throw RenderError(
      RenderError::Kind::cannot_create,
      fmt::format("creating a folder for this run's work in {}: {}. Name one with --store.",
                  parent.string(), std::strerror(errno)));
}

}  // namespace

UsableStore::UsableStore(const std::filesystem::path& folder, Reuse reuse, Progress& progress,
                         Keep keep, const std::filesystem::path& below) {
  // Work that is to be made anew comes from nowhere.
  const auto below_temporary = reuse == Reuse::yes ? below : fs::path();
  if (folder.empty()) {
    open_temporary(progress, below_temporary);
    return;
  }
  try {
    store_.emplace(folder, reuse, progress, below);
  } catch (const RenderError& error) {
    if (keep == Keep::must) throw;
    progress.report(Warning{
        fmt::format("{} Continuing without it: nothing of this run will be kept.", error.what())});
    open_temporary(progress, below_temporary);
  }
}

UsableStore::~UsableStore() {
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
  if (lock_ >= 0) ::close(lock_);
}

void UsableStore::open_temporary(Progress& progress, const std::filesystem::path& below) {
  const auto parent = fs::temp_directory_path();
  remove_left_folders(parent);
  do {
    if (lock_ >= 0) ::close(lock_);
    temporary_ = make_temporary(parent);
    lock_ = open_folder(temporary_);
  } while (!lock_new(lock_));
  store_.emplace(temporary_, Reuse::yes, progress, below);
}

}  // namespace latentreel::render
