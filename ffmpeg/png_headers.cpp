#include <algorithm>
#include <cctype>
#include <cstring>

#include "ffmpeg/picture_headers.h"

extern "C" {
#include <libavutil/crc.h>
}

namespace latentreel::ffmpeg {
namespace {

constexpr std::uint64_t kSignature = 8;  // bytes before the first chunk
constexpr std::uint64_t kAround = 12;    // a chunk's length, name and checksum

struct PngChunk {
  std::string_view name;
  std::string_view data;
  bool intact = false;  // its checksum matches
};

bool is_name(std::string_view name) {
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; });
}

// PNG's own rule: who does not know a chunk in lower case may pass over it.
bool is_ancillary(std::string_view name) {
  return std::islower(static_cast<unsigned char>(name[0])) != 0;
}

bool makes_pixels(std::string_view name) {
  return name == "IHDR" || name == "PLTE" || name == "tRNS" || name == "IDAT" || name == "IEND";
}

PngChunk chunk_at(const Bytes& bytes, std::uint64_t at, const std::string& doing) {
  const std::uint64_t length = bytes.u32(at);
  if (!bytes.has(at, kAround) || !bytes.has(at, kAround + length)) refuse_cut(doing);
  PngChunk chunk{bytes.part(at + 4, 4), bytes.part(at + 8, length)};
  if (!is_name(chunk.name)) refuse(doing, "the file is damaged; copy or download it again");
  const std::string_view checked = bytes.part(at + 4, 4 + length);
  const std::uint32_t sum =
      ~av_crc(av_crc_get_table(AV_CRC_32_IEEE_LE), 0xffffffff,
              reinterpret_cast<const std::uint8_t*>(checked.data()), checked.size());
  chunk.intact = sum == bytes.u32(at + 8 + length);
  return chunk;
}

// Whether the decoder gets the chunk: what makes the pixels and nothing else, so that damage in a
// comment or a profile does no harm.
bool is_wanted(const PngChunk& chunk, const std::string& doing) {
  const bool wanted = makes_pixels(chunk.name);
  if (!wanted && is_ancillary(chunk.name)) return false;
  if (!chunk.intact) {
    refuse(doing, "the file is damaged: the checksum of its part " + std::string(chunk.name) +
                      " does not match; copy or download it again");
  }
  if (!wanted) {
    refuse_kind(doing, "a PNG with a part of an unknown kind (" + std::string(chunk.name) + ")");
  }
  return true;
}

}  // namespace

PictureHeaders prepare_png(AVPacket& packet, const std::string& doing) {
  PictureHeaders headers{AV_CODEC_ID_PNG, "PNG"};
  const Bytes bytes(bytes_of(packet), Bytes::Order::big);
  std::uint64_t kept = kSignature;
  bool ended = false;
  for (std::uint64_t at = kSignature; !ended;) {
    const PngChunk chunk = chunk_at(bytes, at, doing);
    const std::uint64_t size = kAround + chunk.data.size();
    if (chunk.name == "eXIf" && chunk.intact) headers.orientation = exif_orientation(chunk.data);
    if (is_wanted(chunk, doing)) {
      if (chunk.name == "IHDR") {
        headers.width = bytes.u32(at + 8);
        headers.height = bytes.u32(at + 12);
      }
      ended = chunk.name == "IEND";
      std::memmove(packet.data + kept, packet.data + at, size);
      kept += size;
    }
    at += size;
  }
  av_shrink_packet(&packet, static_cast<int>(kept));
  return headers;
}

}  // namespace latentreel::ffmpeg
