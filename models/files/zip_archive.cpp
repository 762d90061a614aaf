#include "models/files/zip_archive.h"

#include <fmt/format.h>
#include <zlib.h>

#include <cstring>
#include <utility>

#include "models/files/error.h"

// PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.14 to
// 4.3.16 (its ends) and 4.5.3 (zip64 sizes).

namespace latentreel::models {
namespace {

constexpr std::uint64_t kLocalHeader = 30;  // bytes before name and extra field
constexpr std::uint64_t kEntry = 46;
constexpr std::uint64_t kEnd = 22;
constexpr std::uint64_t kLongestComment = 65535;
constexpr std::uint64_t kZip64Locator = 20;
constexpr std::uint64_t kZip64End = 56;

constexpr std::uint32_t kLocalHeaderMark = 0x04034b50;
constexpr std::uint32_t kEntryMark = 0x02014b50;
constexpr std::uint32_t kEndMark = 0x06054b50;
constexpr std::uint32_t kZip64LocatorMark = 0x07064b50;
constexpr std::uint32_t kZip64EndMark = 0x06064b50;

constexpr std::uint32_t kIn64 = 0xffffffff;      // "the zip64 field says"
constexpr std::uint64_t kMostMembers = 100'000;  // one a tensor: a hundred times more than any
constexpr const char* kArchiveDamaged = "The file is incomplete or damaged; fetch it again.";
constexpr const char* kDoNotTrust = "PyTorch does not write such files; do not trust this one.";

}  // namespace

void ZipArchive::refuse(std::string_view member, const std::string& problem,
                        const std::string& advice) const {
  auto doing = "reading weights from " + file_.string();
  if (!member.empty()) doing += ", its member " + shown(member);
  throw WeightsError(
      WeightsError::Kind::invalid,
      {.doing = std::move(doing), .tensor = {}, .problem = problem, .advice = advice});
}

template <class Number>
Number ZipArchive::number(std::uint64_t at) const {
  if (at > bytes_.size() || bytes_.size() - at < sizeof(Number)) {
    refuse("", "it is a zip archive that points beyond its own end", kArchiveDamaged);
  }
  Number value;
  std::memcpy(&value, bytes_.data() + at, sizeof value);
  return value;
}

ZipArchive::ZipArchive(std::span<const std::byte> bytes, std::filesystem::path file)
    : bytes_(bytes), file_(std::move(file)) {
  const auto directory = find_directory();
  read_directory(directory);
  check_overlaps(directory.begin);
}

// The end record is the last thing in the file, save a comment.
ZipArchive::Directory ZipArchive::find_directory() const {
  if (bytes_.size() < kEnd)
    refuse("", "it begins like a zip archive and ends at once", kArchiveDamaged);
  const auto last = bytes_.size() - kEnd;
  const auto first = last > kLongestComment ? last - kLongestComment : 0;
  for (auto at = last + 1; at-- > first;) {
    if (number<std::uint32_t>(at) != kEndMark) continue;
    if (at + kEnd + number<std::uint16_t>(at + 20) != bytes_.size()) continue;
    if (at >= kZip64Locator && number<std::uint32_t>(at - kZip64Locator) == kZip64LocatorMark) {
      return find_zip64_directory(at - kZip64Locator);
    }
    check_single(number<std::uint16_t>(at + 4), number<std::uint16_t>(at + 6));
    return {.begin = number<std::uint32_t>(at + 16),
            .size = number<std::uint32_t>(at + 12),
            .count = number<std::uint16_t>(at + 10)};
  }
  refuse("", "it is a zip archive without its end", kArchiveDamaged);
}

void ZipArchive::check_single(std::uint32_t disk, std::uint32_t first_disk) const {
  if (disk == 0 && first_disk == 0) return;
  refuse("", "it is one part of a zip archive of several", "Fetch the whole model.");
}

ZipArchive::Directory ZipArchive::find_zip64_directory(std::uint64_t locator) const {
  const auto at = number<std::uint64_t>(locator + 8);
  if (at > locator || locator - at < kZip64End || number<std::uint32_t>(at) != kZip64EndMark) {
    refuse("", "the end of its zip archive is not where it says", kArchiveDamaged);
  }
  check_single(number<std::uint32_t>(at + 16), number<std::uint32_t>(at + 20));
  return {.begin = number<std::uint64_t>(at + 48),
          .size = number<std::uint64_t>(at + 40),
          .count = number<std::uint64_t>(at + 32)};
}

void ZipArchive::read_directory(const Directory& directory) {
  if (directory.begin > bytes_.size() || directory.size > bytes_.size() - directory.begin ||
      directory.count > directory.size / kEntry) {
    refuse("", "the directory of its zip archive does not fit in it", kArchiveDamaged);
  }
  if (directory.count > kMostMembers) {
    refuse("",
           fmt::format("its zip archive holds {} members; {} are read at most", directory.count,
                       kMostMembers),
           "No checkpoint of these networks looks like that.");
  }
  auto at = directory.begin;
  const auto end = directory.begin + directory.size;
  std::uint64_t first = bytes_.size();
  for (std::uint64_t i = 0; i < directory.count; ++i) {
    auto member = read_member(at);
    at += kEntry + number<std::uint16_t>(at + 28) + number<std::uint16_t>(at + 30) +
          number<std::uint16_t>(at + 32);
    if (at > end)
      refuse("", "the directory of its zip archive runs beyond its end", kArchiveDamaged);
    check_name(member);
    if (member.header < first) {
      first = member.header;
      first_ = member.name;
    }
    auto name = member.name;
    const auto [place, is_new] = members_.emplace(std::move(name), std::move(member));
    if (!is_new) {
      refuse(place->first, "its archive holds two members of that name", kDoNotTrust);
    }
  }
  if (members_.empty()) refuse("", "it is an empty zip archive", "Fetch it again.");
}

ZipMember ZipArchive::read_member(std::uint64_t at) const {
  if (number<std::uint32_t>(at) != kEntryMark) {
    refuse("", "the directory of its zip archive is damaged", kArchiveDamaged);
  }
  ZipMember member;
  const auto flags = number<std::uint16_t>(at + 8);
  const auto method = number<std::uint16_t>(at + 10);
  const std::uint64_t name_size = number<std::uint16_t>(at + 28);
  const std::uint64_t extra_size = number<std::uint16_t>(at + 30);
  const auto name = at + kEntry;
  if (name + name_size + extra_size > bytes_.size()) {
    refuse("", "the directory of its zip archive runs beyond its end", kArchiveDamaged);
  }
  member.name.assign(reinterpret_cast<const char*>(bytes_.data()) + name, name_size);
  member.crc = number<std::uint32_t>(at + 16);
  member.size = number<std::uint32_t>(at + 24);
  member.header = number<std::uint32_t>(at + 42);
  member.packed = number<std::uint32_t>(at + 20);
  read_zip64_sizes(name + name_size, name + name_size + extra_size, member);

  if ((flags & 1) != 0) refuse(member.name, "it is encrypted", "Decrypt the model first.");
  member.stored = method == 0;
  if (member.stored && member.packed != member.size) {
    refuse(member.name,
           fmt::format("it is stored in {} bytes and said to have {}", member.packed, member.size),
           kArchiveDamaged);
  }
  if (member.packed > bytes_.size()) {
    refuse(member.name,
           fmt::format("it would have {} bytes, the file has {}", member.packed, bytes_.size()),
           kArchiveDamaged);
  }
  return member;
}

// Field 0x0001 holds those of the three, in this order, that did not fit in 32 bits.
void ZipArchive::read_zip64_sizes(std::uint64_t begin, std::uint64_t end, ZipMember& member) const {
  for (auto at = begin; at + 4 <= end;) {
    const auto id = number<std::uint16_t>(at);
    const auto size = number<std::uint16_t>(at + 2);
    auto value = at + 4;
    at += 4 + size;
    if (id != 1 || at > end) continue;
    for (auto* field : {&member.size, &member.packed, &member.header}) {
      if (*field != kIn64) continue;
      if (value + 8 > at) refuse(member.name, "its zip64 sizes are incomplete", kArchiveDamaged);
      *field = number<std::uint64_t>(value);
      value += 8;
    }
  }
}

// Members are never written to disk, so no name could do harm here; one that could elsewhere tells
// of an archive that was made to.
void ZipArchive::check_name(const ZipMember& member) const {
  const std::string_view name = member.name;
  const bool escapes = name.starts_with('/') || name == ".." || name.starts_with("../") ||
                       name.ends_with("/..") || name.find("/../") != name.npos ||
                       name.find('\\') != name.npos;
  if (name.empty() || escapes || name.find('\0') != name.npos) {
    refuse(name.empty() ? " " : name, "its name leads out of its archive", kDoNotTrust);
  }
}

// Only the directory is read for this: what local headers say is checked where one is used.
void ZipArchive::check_overlaps(std::uint64_t directory) {
  for (const auto& [name, member] : members_) {
    if (!ends_.emplace(member.header, directory).second) {
      refuse(name, "it lies where another member of its archive does", kDoNotTrust);
    }
  }
  auto next = directory;
  for (auto i = ends_.rbegin(); i != ends_.rend(); ++i) i->second = std::exchange(next, i->first);
  for (const auto& [name, member] : members_) {
    const auto end = ends_.at(member.header);
    const auto header = kLocalHeader + name.size();
    const bool fits = member.header <= end && header <= end - member.header &&
                      member.packed <= end - member.header - header;
    if (!fits) {
      refuse(name, "it overlaps another member of its archive, or its directory", kDoNotTrust);
    }
  }
}

const ZipMember* ZipArchive::find(std::string_view name) const {
  const auto found = members_.find(name);
  return found == members_.end() ? nullptr : &found->second;
}

std::span<const std::byte> ZipArchive::bytes_of(const ZipMember& member) const {
  if (!member.stored) {
    refuse(member.name, "it is compressed, which PyTorch never does to what is needed here",
           "Save the model again with torch.save.");
  }
  const auto at = member.header;
  const std::uint64_t name_size = number<std::uint16_t>(at + 26);
  const auto begin = at + kLocalHeader + name_size + number<std::uint16_t>(at + 28);
  const auto end = ends_.at(at);
  if (number<std::uint32_t>(at) != kLocalHeaderMark || begin > end || end - begin < member.size) {
    refuse(member.name, "what lies at its place in the archive is no such member", kArchiveDamaged);
  }
  const std::string_view name(reinterpret_cast<const char*>(bytes_.data()) + at + kLocalHeader,
                              name_size);
  if (name != member.name) {
    refuse(member.name, "at its place in the archive lies " + shown(name), kArchiveDamaged);
  }
  if (number<std::uint16_t>(at + 8) != 0) {
    refuse(member.name, "it is stored by the archive's directory, and compressed by its own header",
           kDoNotTrust);
  }
  return bytes_.subspan(begin, member.size);
}

void ZipArchive::check(const ZipMember& member) const {
  const auto bytes = bytes_of(member);
  const auto crc = crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  if (crc != member.crc) {
    refuse(member.name,
           fmt::format("its bytes are not those that were written (CRC-32 {:08x}, "
                       "should be {:08x})",
                       crc, member.crc),
           "The file is damaged; fetch it again.");
  }
}

}  // namespace latentreel::models
