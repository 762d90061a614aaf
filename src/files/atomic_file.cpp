#include "src/files/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "src/files/digest.h"

namespace fs = std::filesystem;

namespace latentreel::files {
namespace {

using Kind = FileError::Kind;

[[noreturn]] void fail_create(const fs::path& target, int error) {
  std::string advice = "choose another name";
  if (error == ENOENT || error == ENOTDIR) advice = "create the folder first";
  if (error == EACCES || error == EROFS || error == EPERM)
    advice = "choose a folder you may write to";
  if (error == ENOSPC || error == EDQUOT) advice = "free some space";
  throw FileError(
      Kind::cannot_create,
      fmt::format("creating {}: {}; {}", quoted(target.string()), std::strerror(error), advice),
      error);
}

constexpr std::string_view kPart = ".part";
constexpr std::size_t kHostLetters = 11;
constexpr std::size_t kHostDigits = 8;

// This machine in temporary names: the beginning of its name, for people, and eight digits of a
// digest of the whole name and of the number that an installation has, as names that differ only
// at their end, or not at all ("localhost"), may share a disk.
std::string make_host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) name = {"host"};
  std::string installation;
  std::ifstream("/etc/machine-id") >> installation;
  const std::string whole = name.data();
  auto text = whole.substr(0, kHostLetters);
  for (char& c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '-';
  }
  return text + "-" + sha256_of_text(whole + "\n" + installation).substr(0, kHostDigits);
}

const std::string& host_name() {
  static const std::string host = make_host_name();
  return host;
}

bool is_host_name(std::string_view text) {
  if (text.size() <= kHostDigits || text.size() > kHostLetters + 1 + kHostDigits) return false;
  const auto digits = text.substr(text.size() - kHostDigits);
  return text[text.size() - kHostDigits - 1] == '-' &&
         digits.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// A name may have 255 bytes; the ending takes at most 50 of them.
std::string name_start(const fs::path& target) {
  return target.filename().string().substr(0, 200);
}

// What stands between a target's name and ".part": the machine and the rest.
struct PartName {
  std::string start, host;
};

// NAME.HOST.PID-N.part taken apart; the host is this one where the name has none, as in those of
// earlier versions. Nothing for another name.
std::optional<PartName> part_name(const std::string& name) {
  if (!name.ends_with(kPart)) return std::nullopt;
  const auto whole = name.substr(0, name.size() - kPart.size());
  const auto number = whole.rfind('.');
  if (number == std::string::npos || number + 1 == whole.size()) return std::nullopt;
  if (whole.find_first_not_of("0123456789-", number + 1) != std::string::npos) return std::nullopt;
  const auto before = whole.substr(0, number);
  const auto dot = before.rfind('.');
  if (dot == std::string::npos) return PartName{before, host_name()};
  const auto host = before.substr(dot + 1);
  if (!is_host_name(host)) return PartName{before, host_name()};
  return PartName{before.substr(0, dot), host};
}

bool is_part_of(const std::string& name, const std::string& start) {
  const auto part = part_name(name);
  return part && part->start == start;
}

// Another machine's lock need not be seen here, so its file has to be as it is for long, whatever
// its clock and this one say.
bool may_be_at_work_elsewhere(const std::string& name, int file) {
  constexpr std::time_t kDay = 24 * 60 * 60;
  const auto part = part_name(name);
  struct stat status {};
  if (!part || part->host == host_name() || ::fstat(file, &status) != 0) return false;
  return status.st_mtime > std::time(nullptr) - kDay;
}

// Removes what runs that were killed left behind. A living owner holds a lock on its file.
template <class Wanted>
void remove_orphans_that(const fs::path& folder, const Wanted& wanted) noexcept {
  try {
    for (const auto& entry : fs::directory_iterator(folder)) {
      const auto name = entry.path().filename().string();
      if (!wanted(name)) continue;
      const int fd = ::open(entry.path().c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
      if (fd < 0) continue;
      if (!may_be_at_work_elsewhere(name, fd) && ::flock(fd, LOCK_EX | LOCK_NB) == 0) {
        ::unlink(entry.path().c_str());
      }
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
    fs::path real = fs::canonical(target, none);
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

AtomicFile::AtomicFile(const fs::path& target) : target_(target), real_target_(resolve(target)) {
  if (target.filename().empty()) fail_create(target, EISDIR);
  if (target.filename().string().size() > 255) fail_create(target, ENAMETOOLONG);
  struct stat status {};
  if (::stat(real_target_.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    throw FileError(
        Kind::cannot_create,
        fmt::format("creating {}: something other than a file has this name; choose another name",
                    quoted(target.string())),
        S_ISDIR(status.st_mode) ? EISDIR : EEXIST);
  }
  remove_orphans_that(real_target_.parent_path(), [&](const std::string& name) {
    return is_part_of(name, name_start(real_target_));
  });
  static std::atomic<int> counter = 0;
  // Another run's cleaning may catch our file before it is locked: then it has no name any more.
  while (descriptor_ < 0) {
    temporary_ =
        real_target_.parent_path() / fmt::format("{}.{}.{}-{}{}", name_start(real_target_),
                                                 host_name(), ::getpid(), counter++, kPart);
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

void AtomicFile::remove_orphans(const fs::path& folder) noexcept {
  remove_orphans_that(folder, [](const std::string& name) { return part_name(name).has_value(); });
}

AtomicFile::~AtomicFile() {
  discard();
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t done = ::write(descriptor_, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) fail_write(done < 0 ? errno : EIO);
    bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
}

void AtomicFile::write(std::string_view text) {
  write(std::as_bytes(std::span(text)));
}

void AtomicFile::fail_write(int error) const {
  throw FileError(Kind::write_failed,
                  fmt::format("writing {}: {}; {}", quoted(target_.string()), std::strerror(error),
                              error == ENOSPC || error == EDQUOT || error == EFBIG
                                  ? "free some space and run the same command again"
                                  : "run the same command again, or write to another disk"),
                  error);
}

int give_name(int descriptor, const fs::path& temporary, const fs::path& target) noexcept {
  if (::fsync(descriptor) < 0) return errno;
  if (::rename(temporary.c_str(), target.c_str()) < 0) return errno;
  sync_folder(target.parent_path());
  return 0;
}

void AtomicFile::sync() {
  // After a failed fsync the kernel may call the lost pages clean, so a second try proves nothing.
  if (::fsync(descriptor_) < 0) fail_write(errno);
}

void AtomicFile::publish() {
  const int error = give_name(descriptor_, temporary_, real_target_);
  if (error != 0) fail_write(error);
  ::close(std::exchange(descriptor_, -1));
}

void AtomicFile::discard() noexcept {
  if (descriptor_ < 0) return;
  ::unlink(temporary_.c_str());
  ::close(std::exchange(descriptor_, -1));
}

void write_file(const fs::path& target, std::string_view text) {
  AtomicFile file(target);
  file.write(text);
  file.publish();
}

void write_file(const fs::path& target, std::span<const std::uint8_t> bytes) {
  AtomicFile file(target);
  file.write(std::as_bytes(bytes));
  file.publish();
}

}  // namespace latentreel::files
