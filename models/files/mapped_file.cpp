#include "models/files/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
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

}  // namespace

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
  if (size_ > 0) ::munmap(const_cast<std::byte*>(data_), size_);
}

}  // namespace latentreel::models
