#include "src/library/part_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "src/files/atomic_file.h"
#include "src/library/error.h"

namespace latentreel::library {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::int64_t kSpare = 1 << 20;  // bytes left on the disk for everything else

fs::path with_ending(fs::path path, const char* ending) {
  path += ending;
  return path;
}

// A record that cannot be read only means that the download begins anew.
PartOrigin read_origin(const fs::path& record) {
  try {
    std::ifstream in(record);
    const auto origin = json::parse(in);
    return {
        .url = origin.at("url"), .validator = origin.at("validator"), .total = origin.at("total")};
  } catch (const json::exception&) {
    return {};
  }
}

}  // namespace

PartFile::PartFile(const fs::path& target)
    : target_(target),
      part_(with_ending(target, ".part")),
      record_(with_ending(target, ".part.json")) {
  std::error_code error;
  fs::create_directories(target.parent_path(), error);
  if (error) fail_create(error.message());
  // Between opening and locking, another process may have published the part: what is open then is
  // the finished file, and emptying it would be the loss of a download.
  open_part();
  for (int changes = 0; !is_part(); ++changes) {
    close(descriptor_);
    if (changes == 100) fail_busy();
    open_part();
  }
  size_ = std::max<std::int64_t>(0, lseek(descriptor_, 0, SEEK_END));
  origin_ = read_origin(record_);
}

void PartFile::open_part() {
  descriptor_ = open(part_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail_create(std::strerror(errno));
  if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    close(descriptor_);
    fail_busy();
  }
}

bool PartFile::is_part() const {
  struct stat opened {};
  struct stat named {};
  return fstat(descriptor_, &opened) == 0 && stat(part_.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

PartFile::~PartFile() {
  if (size_ == 0) {  // nothing came: nothing is left behind
    unlink(part_.c_str());
    unlink(record_.c_str());
  }
  close(descriptor_);
}

void PartFile::restart(const PartOrigin& origin) {
  if (ftruncate(descriptor_, 0) != 0) fail_write(errno);
  size_ = 0;
  origin_ = origin;
  const json record = {
      {"url", origin.url}, {"validator", origin.validator}, {"total", origin.total}};
  std::ofstream out(record_, std::ios::trunc);
  out << record.dump(-1, ' ', false, json::error_handler_t::replace) << std::flush;
  if (!out) fail_write(errno);
}

void PartFile::write(const char* data, std::size_t size) {
  while (size > 0) {
    const auto written = ::write(descriptor_, data, size);
    if (written < 0) {
      if (errno == EINTR) continue;
      fail_write(errno);
    }
    data += written;
    size -= static_cast<std::size_t>(written);
    size_ += written;
  }
}

void PartFile::check_room(std::int64_t bytes) const {
  std::error_code error;
  const auto space = fs::space(part_.parent_path(), error);
  if (error || bytes + kSpare <= static_cast<std::int64_t>(space.available)) return;
  // In MB whatever their size: as files::format_bytes rounds, the two could look the same.
  throw LibraryError(
      LibraryError::Kind::write_failed,
      fmt::format("downloading {}: {} MB are still to come, but {} has room for only {} MB. Free "
                  "some space, or name a folder on another disk with --models DIR.",
                  target_.filename().string(), bytes / 1'000'000, target_.parent_path().string(),
                  space.available / 1'000'000));
}

void PartFile::publish() {
  const int error = files::give_name(descriptor_, part_, target_);
  if (error != 0) fail_write(error);
  // Only where it came from is lost with it.
  if (rename(record_.c_str(), with_ending(target_, ".json").c_str()) != 0) unlink(record_.c_str());
}

void PartFile::fail_create(const std::string& problem) const {
  throw LibraryError(
      LibraryError::Kind::cannot_create,
      fmt::format(
          "creating {}: {}. Check that the folder is writable, or name another with --models DIR.",
          part_.string(), problem));
}

void PartFile::fail_busy() const {
  throw LibraryError(
      LibraryError::Kind::busy,
      fmt::format(
          "downloading {}: another command is downloading it right now. Wait for it to finish.",
          target_.filename().string()));
}

void PartFile::fail_write(int error) const {
  const bool full = error == ENOSPC || error == EDQUOT;
  throw LibraryError(
      LibraryError::Kind::write_failed,
      fmt::format("writing {}: {}. {}What has arrived so far is kept; run the same command again "
                  "to continue from there.",
                  part_.string(), std::strerror(error), full ? "Free some space. " : ""));
}

std::string origin_of_download(const fs::path& target) {
  return read_origin(with_ending(target, ".json")).url;
}

void remove_download(const fs::path& target) {
  std::error_code ignored;
  fs::remove(target, ignored);
  fs::remove(with_ending(target, ".json"), ignored);
}

}  // namespace latentreel::library
