#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

namespace latentreel::models {

// The same bytes as characters.
inline std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A regular file, mapped to be read. Shared by whatever points into it: the mapping ends with its
// last owner. Safe to read from several threads; nothing may write through it (the pages are
// read-only), and the file must not be shortened meanwhile: replace model files by rename. Where it
// is all the same, or its disk or server does not give the contents any more, reading raises
// SIGBUS.
class MappedFile {
 public:
  // Throws WeightsError: missing where there is no such file or it cannot be opened, invalid where
  // it is a directory, a pipe or a device. An empty file is fine and has no bytes.
  static std::shared_ptr<const MappedFile> open(const std::filesystem::path& path);

  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  // Gives the pages' memory back until they are read again.
  void drop_pages() const noexcept;

  std::span<const std::byte> bytes() const noexcept { return {data_, size_}; }
  std::size_t size() const noexcept { return size_; }
  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  MappedFile(std::filesystem::path path, const std::byte* data, std::size_t size);

  std::filesystem::path path_;
  const std::byte* data_;
  std::size_t size_;
  int known_as_;  // to mapped_file_at
};

// For a handler of SIGBUS: the name of the file that is mapped at this address, cut where it is
// longer than 1000 bytes; null where none is, or where 250 others are mapped already. Safe in a
// signal's handler.
const char* mapped_file_at(const void* address) noexcept;

}  // namespace latentreel::models
