#include "ffmpeg/picture_headers.h"

namespace latentreel::ffmpeg {
namespace {

constexpr std::uint64_t kFirstChunk = 12;
constexpr std::uint32_t kAnimation = 0x02;  // among the flags of VP8X

// The size of the picture, from whichever chunk comes first: with a VP8X all others must fit it.
void read_size(std::string_view name, const Bytes& data, PictureHeaders& headers) {
  if (headers.width != 0) return;
  if (name == "VP8X") {
    headers.width = std::int64_t{data.u24(4)} + 1;
    headers.height = std::int64_t{data.u24(7)} + 1;
  } else if (name == "VP8 ") {
    headers.width = data.u16(6) & 0x3fff;
    headers.height = data.u16(8) & 0x3fff;
  } else if (name == "VP8L") {
    headers.width = (data.u32(1) & 0x3fff) + 1;
    headers.height = (data.u32(1) >> 14 & 0x3fff) + 1;
  }
}

}  // namespace

PictureHeaders prepare_webp(AVPacket& packet, const std::string& doing) {
  PictureHeaders headers{AV_CODEC_ID_WEBP, "WebP"};
  const std::string_view view = bytes_of(packet);
  const std::uint64_t size = Bytes(view, Bytes::Order::little).u32(4);
  // The last chunk's filling to an even size is missing in some files.
  if (size + 8 > view.size() + 1) refuse_cut(doing);
  const Bytes bytes(view.substr(0, size + 8), Bytes::Order::little);
  for (std::uint64_t at = kFirstChunk; bytes.has(at, 8);) {
    const std::string_view name = bytes.part(at, 4);
    const std::uint64_t length = bytes.u32(at + 4);
    if (!bytes.has(at + 8, length)) refuse_cut(doing);
    const std::string_view data = bytes.part(at + 8, length);
    const Bytes numbers(data, Bytes::Order::little);
    if (name == "ANIM" || name == "ANMF" || (name == "VP8X" && (numbers.u8(0) & kAnimation))) {
      refuse(doing,
             "it is an animated WebP, which cannot be read; open it in a picture program or a "
             "browser and save one of its pictures as PNG");
    }
    read_size(name, numbers, headers);
    if (name == "EXIF") headers.orientation = exif_orientation(data);
    at += 8 + length + length % 2;
  }
  return headers;
}

}  // namespace latentreel::ffmpeg
