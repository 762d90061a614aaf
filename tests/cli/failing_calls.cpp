// Loaded before the program's own libraries (LD_PRELOAD), in tests only: numbers the calls that
// change regular files and folders below FAIL_BELOW, writes their names to FAIL_LOG, and at number
// FAIL_AT does what FAIL_HOW says: kill, ENOSPC, EDQUOT, EIO, short (half of a write is done),
// EINTR (a write is interrupted before it did anything). "EACCES on": that one and all after it are
// refused, as where a permission is lost.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

const char* setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

const char* below = setting("FAIL_BELOW");
const char* how = setting("FAIL_HOW");
const long at = std::atol(setting("FAIL_AT"));
std::atomic<long> calls = 0;

void log(const char* call, const char* path) {
  static const int file = static_cast<int>(
      syscall(SYS_openat, AT_FDCWD, setting("FAIL_LOG"), O_WRONLY | O_CREAT | O_APPEND, 0600));
  char line[PATH_MAX + 64];
  const int size = std::snprintf(line, sizeof line, "%s %s\n", call, path);
  syscall(SYS_write, file, line, static_cast<size_t>(size));
}

enum class Do { nothing, fail, half };

Do decide(const char* call, const char* path) {
  const size_t length = std::strlen(below);
  if (length == 0 || std::strncmp(path, below, length) != 0) return Do::nothing;
  log(call, path);
  const bool on = std::strcmp(how, "EACCES on") == 0;
  const long number = ++calls;
  if (on ? at == 0 || number < at : number != at) return Do::nothing;
  // What is open already may be written on.
  if (on && std::strcmp(call, "open") != 0 && std::strcmp(call, "rename") != 0 &&
      std::strcmp(call, "mkdir") != 0) {
    return Do::nothing;
  }
  const bool writing = std::strcmp(call, "write") == 0;
  if (std::strcmp(how, "kill") == 0) kill(getpid(), SIGKILL);
  if (std::strcmp(how, "short") == 0) return writing ? Do::half : Do::nothing;
  if (std::strcmp(how, "EINTR") == 0) {
    errno = EINTR;
    return writing ? Do::fail : Do::nothing;
  }
  errno = EIO;
  if (std::strcmp(how, "ENOSPC") == 0) errno = ENOSPC;
  if (std::strcmp(how, "EDQUOT") == 0) errno = EDQUOT;
  if (on) errno = EACCES;
  return Do::fail;
}

Do decide(const char* call, int file) {
  struct stat status {};
  if (*below == '\0' || fstat(file, &status) != 0) return Do::nothing;
  if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) return Do::nothing;
  char link[64], path[PATH_MAX] = {};
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  if (readlink(link, path, sizeof path - 1) < 0) return Do::nothing;
  return decide(call, path);
}

// A path that is relative is below a folder that is not: that is for the tests to avoid.
bool fails(const char* call, const char* path) {
  return decide(call, path) == Do::fail;
}

template <class Function>
Function next(Function, const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

bool changes(int flags) {
  return (flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT) != 0;
}

}  // namespace

#define NEXT(name) next(&name, #name)

extern "C" {

ssize_t write(int file, const void* data, size_t size) {
  static const auto real = NEXT(write);
  const Do what = decide("write", file);
  if (what == Do::fail) return -1;
  return real(file, data, what == Do::half && size > 1 ? size / 2 : size);
}

ssize_t writev(int file, const iovec* parts, int count) {
  static const auto real = NEXT(writev);
  return decide("writev", file) == Do::fail ? -1 : real(file, parts, count);
}

ssize_t pwrite(int file, const void* data, size_t size, off_t offset) {
  static const auto real = NEXT(pwrite);
  return decide("pwrite", file) == Do::fail ? -1 : real(file, data, size, offset);
}

int fsync(int file) {
  static const auto real = NEXT(fsync);
  return decide("fsync", file) == Do::fail ? -1 : real(file);
}

int fdatasync(int file) {
  static const auto real = NEXT(fdatasync);
  return decide("fdatasync", file) == Do::fail ? -1 : real(file);
}

int ftruncate(int file, off_t size) {
  static const auto real = NEXT(ftruncate);
  return decide("ftruncate", file) == Do::fail ? -1 : real(file, size);
}

int rename(const char* from, const char* to) noexcept {
  static const auto real = NEXT(rename);
  return fails("rename", to) ? -1 : real(from, to);
}

int link(const char* from, const char* to) noexcept {
  static const auto real = NEXT(link);
  return fails("link", to) ? -1 : real(from, to);
}

int unlink(const char* path) noexcept {
  static const auto real = NEXT(unlink);
  return fails("unlink", path) ? -1 : real(path);
}

int remove(const char* path) noexcept {
  static const auto real = NEXT(remove);
  return fails("remove", path) ? -1 : real(path);
}

int mkdir(const char* path, mode_t mode) noexcept {
  static const auto real = NEXT(mkdir);
  return fails("mkdir", path) ? -1 : real(path, mode);
}

int open(const char* path, int flags, ...) {
  static const auto real = NEXT(open);
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return changes(flags) && fails("open", path) ? -1 : real(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  static const auto real = NEXT(open64);
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return changes(flags) && fails("open", path) ? -1 : real(path, flags, mode);
}

FILE* fopen(const char* path, const char* mode) {
  static const auto real = NEXT(fopen);
  return *mode != 'r' && fails("fopen", path) ? nullptr : real(path, mode);
}

FILE* fopen64(const char* path, const char* mode) {
  static const auto real = NEXT(fopen64);
  return *mode != 'r' && fails("fopen", path) ? nullptr : real(path, mode);
}

}  // extern "C"
