#include "models/files/file_in_the_making.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <system_error>
#include <utility>

namespace latentreel::models {

FileInTheMaking::FileInTheMaking(const std::filesystem::path& path) : path_(path) {
  while (!create()) {
  }
}

bool FileInTheMaking::create() {
  static std::atomic<unsigned> counter{0};
  temporary_ = path_;
  temporary_ += fmt::format(".{}-{}.part", ::getpid(), counter++);
  fd_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd_ < 0 && errno == EEXIST) return false;
  if (fd_ < 0) fail(WeightsError::Kind::uncreatable, errno);
  // Whoever cleans may hold it, or have removed it, before it is locked. Some file systems know no
  // locks.
  struct stat status {};
  const bool held = ::flock(fd_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  if (!held && ::fstat(fd_, &status) == 0 && status.st_nlink > 0) return true;
  ::close(std::exchange(fd_, -1));
  return false;
}

FileInTheMaking::~FileInTheMaking() {
  if (fd_ >= 0) ::close(fd_);
  if (!published_) ::unlink(temporary_.c_str());
}

void FileInTheMaking::write(const void* data, std::size_t size) {
  constexpr std::size_t kPiece = std::size_t{1} << 30;
  const auto* at = static_cast<const char*>(data);
  while (size > 0) {
    const auto written = ::write(fd_, at, std::min(size, kPiece));
    if (written < 0) {
      if (errno == EINTR) continue;
      fail(WeightsError::Kind::write_failed, errno);
    }
    at += written;
    size -= static_cast<std::size_t>(written);
  }
}

void FileInTheMaking::publish() {
  if (::fsync(fd_) != 0) fail(WeightsError::Kind::write_failed, errno);
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
    fail(WeightsError::Kind::uncreatable, errno);
  }
  published_ = true;
  ::close(std::exchange(fd_, -1));  // and with it the lock
  auto folder = path_.parent_path();
  if (folder.empty()) folder = ".";
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;  // a folder that may be written but not read
  const int synced = ::fsync(fd);
  const int error = errno;
  ::close(fd);
  if (synced != 0 && error != EINVAL) fail(WeightsError::Kind::write_failed, error);
}

void FileInTheMaking::fail(WeightsError::Kind kind, int error) const {
  const bool full = error == ENOSPC || error == EDQUOT;
  throw WeightsError(kind, {.doing = "writing " + path_.string(),
                            .tensor = {},
                            .problem = std::generic_category().message(error),
                            .advice = full ? "Free some space." : ""});
}

}  // namespace latentreel::models
