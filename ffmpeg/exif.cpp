#include "ffmpeg/picture_headers.h"

namespace latentreel::ffmpeg {
namespace {

constexpr std::uint32_t kOrientation = 0x0112;
constexpr std::uint32_t kShort = 3;

}  // namespace

int exif_orientation(std::string_view exif) {
  // Before EXIF data in a JPEG stands "Exif"; some programs write it into other files as well.
  constexpr std::string_view kPrefix("Exif\0\0", 6);
  if (exif.starts_with(kPrefix)) exif.remove_prefix(kPrefix.size());
  if (!exif.starts_with("II") && !exif.starts_with("MM")) return 1;
  const Bytes bytes(exif, exif[0] == 'I' ? Bytes::Order::little : Bytes::Order::big);
  if (bytes.u16(2) != 42) return 1;
  const std::uint64_t directory = bytes.u32(4);
  const std::uint32_t entries = bytes.u16(directory);
  for (std::uint32_t i = 0; i < entries; ++i) {
    const std::uint64_t at = directory + 2 + std::uint64_t{12} * i;
    if (bytes.u16(at) != kOrientation) continue;
    const std::uint32_t value = bytes.u16(at + 2) == kShort ? bytes.u16(at + 8) : 0;
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

}  // namespace latentreel::ffmpeg
