#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>

// Zip archives as PyTorch writes them (models.md section 4.2): every tensor is a stored member, so
// it can be used where it lies in the mapped file. Nothing is ever decompressed, so a decompression
// bomb does no harm.

namespace latentreel::models {

struct ZipMember {
  std::string name;
  std::uint64_t header = 0;  // where its local header begins in the file
  std::uint64_t size = 0;    // bytes
  std::uint64_t packed = 0;  // bytes in the file
  std::uint32_t crc = 0;
  bool stored = true;  // else compressed, and cannot be read
};

class ZipArchive {
 public:
  // Reads the central directory, the only place with sizes: local headers hold zeros. `bytes` is
  // the whole file and has to outlive this; `file` is its name for messages. Throws WeightsError
  // (invalid) for whatever is not exactly a zip archive of one part whose members have sane, unique
  // names and do not overlap. Compressed members are listed but cannot be read.
  ZipArchive(std::span<const std::byte> bytes, std::filesystem::path file);

  // The members, in the order of their names; and the name of the one that comes first in the file.
  const std::map<std::string, ZipMember, std::less<>>& members() const { return members_; }
  const std::string& first() const { return first_; }
  const ZipMember* find(std::string_view name) const;

  // The bytes of a member, in the file. They are not checked. Throws WeightsError (invalid) where
  // the member is compressed, or its local header is not that of this member.
  std::span<const std::byte> bytes_of(const ZipMember& member) const;

  // Reads a whole member. Throws WeightsError (invalid) where its check sum does not match.
  void check(const ZipMember& member) const;

 private:
  struct Directory {
    std::uint64_t begin = 0;
    std::uint64_t size = 0;
    std::uint64_t count = 0;
  };
  [[noreturn]] void refuse(std::string_view member, const std::string& problem,
                           const std::string& advice) const;
  template <class Number>
  Number number(std::uint64_t at) const;
  Directory find_directory() const;
  void check_single(std::uint32_t disk, std::uint32_t first_disk) const;
  Directory find_zip64_directory(std::uint64_t locator) const;
  void read_directory(const Directory& directory);
  ZipMember read_member(std::uint64_t at) const;
  void read_zip64_sizes(std::uint64_t begin, std::uint64_t end, ZipMember& member) const;
  void check_name(const ZipMember& member) const;
  void check_overlaps(std::uint64_t directory);

  std::span<const std::byte> bytes_;
  std::filesystem::path file_;
  std::map<std::string, ZipMember, std::less<>> members_;
  std::map<std::uint64_t, std::uint64_t> ends_;  // member's header -> begin of what follows it
  std::string first_;
};

}  // namespace latentreel::models
