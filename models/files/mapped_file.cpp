#include "models/files/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <new>
#include <system_error>

#include "models/files/error.h"

namespace latentreel::models {
namespace {

[[noreturn]] void refuse(WeightsError::Kind kind, const std::filesystem::path& path,
                         const std::string& problem, const std::string& advice) {
  throw WeightsError(
      kind,
      {.doing = "opening " + path.string(), .tensor = {}, .problem = problem, .advice = advice});
}

std::string advice_for(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return "Check the name; paths in a scene are relative to the scene file.";
    case EACCES:
    case EPERM:
      return "Check that you may read it.";
    default:
      return "";
  }
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

// What is mapped, in memory that is never given back, as a signal's handler may look at it at any
// moment. An entry counts while it has a begin.
struct Mapping {
  std::atomic<bool> taken = false;
  std::atomic<std::uintptr_t> begin = 0;
  std::atomic<std::size_t> size = 0;
  std::array<char, 1001> name = {};
};
std::array<Mapping, 250> mappings;

// Returns its place; -1 where there is none left, or nothing is mapped.
int remember(const std::filesystem::path& path, const std::byte* data, std::size_t size) {
  if (size == 0) return -1;
  for (std::size_t i = 0; i < mappings.size(); ++i) {
    auto& mapping = mappings[i];
    if (mapping.taken.exchange(true)) continue;
    std::strncpy(mapping.name.data(), path.c_str(), mapping.name.size() - 1);
    mapping.size = size;
    mapping.begin = reinterpret_cast<std::uintptr_t>(data);
    return static_cast<int>(i);
  }
  return -1;
}

void forget(int place) {
  if (place < 0) return;
  auto& mapping = mappings[static_cast<std::size_t>(place)];
  mapping.begin = 0;
  mapping.taken = false;
}

}  // namespace

const char* mapped_file_at(const void* address) noexcept {
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  for (const auto& mapping : mappings) {
    const auto begin = mapping.begin.load();
    if (begin != 0 && begin <= at && at - begin < mapping.size.load()) return mapping.name.data();
  }
  return nullptr;
}

MappedFile::MappedFile(std::filesystem::path path, const std::byte* data, std::size_t size)
    : path_(std::move(path)), data_(data), size_(size), known_as_(remember(path_, data, size)) {}

std::shared_ptr<const MappedFile> MappedFile::open(const std::filesystem::path& path) {
  using Kind = WeightsError::Kind;
  // Without O_NONBLOCK opening a pipe would wait for a writer.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) {
    const int error = errno;
    refuse(Kind::missing, path, std::generic_category().message(error), advice_for(error));
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) {
    refuse(Kind::missing, path, std::generic_category().message(errno), "");
  }
  if (S_ISDIR(status.st_mode)) {
    refuse(Kind::invalid, path, "it is a folder", "Name the file in it.");
  }
  if (!S_ISREG(status.st_mode)) {
    refuse(Kind::invalid, path, "it is not a regular file", "Name a file on disk.");
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  const void* data = nullptr;
  if (size > 0) {
    data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
    if (data == MAP_FAILED) {
      if (errno == ENOMEM) throw std::bad_alloc();  // nothing is wrong with the file
      refuse(Kind::missing, path, "it cannot be mapped: " + std::generic_category().message(errno),
             "");
    }
    ::madvise(const_cast<void*>(data), size, MADV_WILLNEED);
  }
  return std::shared_ptr<const MappedFile>(
      new MappedFile(path, static_cast<const std::byte*>(data), size));
}

void MappedFile::drop_pages() const noexcept {
  // The mapping is private and never written to: what is dropped is read from the file again.
  if (size_ > 0) ::madvise(const_cast<std::byte*>(data_), size_, MADV_DONTNEED);
}

MappedFile::~MappedFile() {
  forget(known_as_);
  if (size_ > 0) ::munmap(const_cast<std::byte*>(data_), size_);
}

}  // namespace latentreel::models
