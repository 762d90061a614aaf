#include "ffmpeg/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "ffmpeg/error.h"

namespace fs = std::filesystem;

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

[[noreturn]] void fail_create(const fs::path& target, int error) {
  std::string advice = "name another file with -o";
  if (error == ENOENT || error == ENOTDIR) advice = "create the folder first";
  if (error == EACCES || error == EROFS || error == EPERM)
    advice = "choose a folder you may write to";
  if (error == ENOSPC || error == EDQUOT) advice = "free some space";
  throw MediaError(
      Kind::cannot_create,
      fmt::format("creating {}: {}; {}", quoted(target.string()), std::strerror(error), advice),
      error);
}

// A name may have 255 bytes; the ending takes at most 40 of them.
std::string name_start(const fs::path& target) {
  return target.filename().string().substr(0, 200);
}

bool is_part_of(const std::string& name, const std::string& start) {
  if (!name.starts_with(start + ".") || !name.ends_with(".part")) return false;
  const std::string middle = name.substr(start.size() + 1, name.size() - start.size() - 6);
  return !middle.empty() && middle.find_first_not_of("0123456789-") == std::string::npos;
}

// NAME.PID-N.part, whatever the name.
bool is_part(const std::string& name) {
  if (!name.ends_with(".part")) return false;
  const auto dot = name.rfind('.', name.size() - 6);
  return dot != std::string::npos && is_part_of(name, name.substr(0, dot));
}

// Removes what runs that were killed left behind. A living owner holds a lock on its file.
template <class Wanted>
void remove_orphans_that(const fs::path& folder, const Wanted& wanted) noexcept {
  try {
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (!wanted(entry.path().filename().string())) continue;
      const int fd = ::open(entry.path().c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
      if (fd < 0) continue;
      if (::flock(fd, LOCK_EX | LOCK_NB) == 0) ::unlink(entry.path().c_str());
      ::close(fd);
    }
  } catch (const fs::filesystem_error&) {
    // An unreadable folder may still be one that we can create a file in.
  }
}

// The file that a rename shall replace: symbolic links are followed, so that they stay.
fs::path resolve(const fs::path& target) {
  std::error_code none;
  if (fs::is_symlink(target, none)) {
    const fs::path real = fs::canonical(target, none);
    if (!none) return real;
  }
  return target.has_parent_path() ? target : fs::path(".") / target;
}

void sync_folder(const fs::path& folder) noexcept {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);  // some file systems cannot; the rename itself is done
  ::close(fd);
}

}  // namespace

OutputFile::OutputFile(const fs::path& target) : target_(target), real_target_(resolve(target)) {
  if (target.filename().empty()) fail_create(target, EISDIR);
  if (target.filename().string().size() > 255) fail_create(target, ENAMETOOLONG);
  struct stat status {};
  if (::stat(real_target_.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    throw MediaError(
        Kind::cannot_create,
        fmt::format("creating {}: something that is no file has this name; name another "
                    "file with -o",
                    quoted(target.string())),
        S_ISDIR(status.st_mode) ? EISDIR : EEXIST);
  }
  remove_orphans_that(real_target_.parent_path(), [&](const std::string& name) {
    return is_part_of(name, name_start(real_target_));
  });
  static std::atomic<int> counter = 0;
  // Another run's cleaning may catch our file before it is locked: then it has no name any more.
  while (descriptor_ < 0) {
    temporary_ = real_target_.parent_path() /
                 fmt::format("{}.{}-{}.part", name_start(real_target_), ::getpid(), counter++);
    const int fd = ::open(temporary_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0 && errno == EEXIST) continue;
    if (fd < 0) fail_create(target, errno);
    // Held by another: it is about to remove the file. Some file systems know no locks.
    const bool taken = ::flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
    if (!taken && ::fstat(fd, &status) == 0 && status.st_nlink > 0) {
      descriptor_ = fd;
    } else {
      ::close(fd);
    }
  }
}

void OutputFile::remove_orphans(const fs::path& folder) noexcept {
  remove_orphans_that(folder, is_part);
}

OutputFile::~OutputFile() {
  discard();
}

int OutputFile::write(std::span<const std::uint8_t> bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t done = ::write(descriptor_, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) {
      const int error = done < 0 ? errno : EIO;
      if (error_ == 0) error_ = error;
      return error;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
  return 0;
}

std::int64_t OutputFile::seek(std::int64_t offset, int whence) noexcept {
  const off_t position = ::lseek(descriptor_, offset, whence);
  return position < 0 ? -errno : position;
}

std::int64_t OutputFile::size() const noexcept {
  struct stat status {};
  return ::fstat(descriptor_, &status) < 0 ? -errno : status.st_size;
}

void OutputFile::fail_write(int error) const {
  throw MediaError(Kind::write_failed,
                   fmt::format("writing {}: {}; {}", quoted(target_.string()), std::strerror(error),
                               error == ENOSPC || error == EDQUOT || error == EFBIG
                                   ? "free some space and run the same command again"
                                   : "run the same command again, or write to another disk"),
                   error);
}

void OutputFile::sync() {
  if (error_ != 0) fail_write(error_);
  if (::fsync(descriptor_) < 0) {
    // After a failed fsync the kernel may call the lost pages clean, so a second try proves
    // nothing.
    error_ = errno;
    fail_write(error_);
  }
}

void OutputFile::publish() {
  sync();
  if (::rename(temporary_.c_str(), real_target_.c_str()) < 0) fail_write(errno);
  ::close(std::exchange(descriptor_, -1));
  sync_folder(real_target_.parent_path());
}

void OutputFile::discard() noexcept {
  if (descriptor_ < 0) return;
  ::unlink(temporary_.c_str());
  ::close(std::exchange(descriptor_, -1));
}

}  // namespace latentreel::ffmpeg
