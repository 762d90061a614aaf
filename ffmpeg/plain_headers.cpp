// BMP and PPM/PGM: nothing but a size.
#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "ffmpeg/picture_headers.h"

namespace latentreel::ffmpeg {
namespace {

constexpr std::int64_t kHuge = std::int64_t{1} << 40;

// The next number of a PNM header, after spaces and comments; 0 where there is none.
std::int64_t next_number(std::string_view& text) {
  const auto is_digit = [&] {
    return !text.empty() && std::isdigit(static_cast<unsigned char>(text[0]));
  };
  const auto is_space = [&] {
    return !text.empty() && std::isspace(static_cast<unsigned char>(text[0]));
  };
  while (is_space() || text.starts_with('#')) {
    text.remove_prefix(text[0] == '#' ? std::min(text.find('\n'), text.size()) : 1);
  }
  std::int64_t value = 0;
  for (; is_digit(); text.remove_prefix(1)) {
    if (value < kHuge) value = value * 10 + (text[0] - '0');
  }
  return value;
}

}  // namespace

PictureHeaders prepare_bmp(AVPacket& packet, const std::string&) {
  PictureHeaders headers{AV_CODEC_ID_BMP, "BMP"};
  const Bytes bytes(bytes_of(packet), Bytes::Order::little);
  const bool old = bytes.u32(14) == 12;  // OS/2's header, of 12 bytes
  headers.width = old ? bytes.u16(18) : bytes.u32(18);
  // A negative height says that rows begin at the top.
  headers.height =
      old ? bytes.u16(20) : std::abs(std::int64_t{static_cast<std::int32_t>(bytes.u32(22))});
  return headers;
}

PictureHeaders prepare_pnm(AVPacket& packet, const std::string&) {
  std::string_view text = bytes_of(packet);
  const bool colour = text.starts_with("P6");
  PictureHeaders headers{colour ? AV_CODEC_ID_PPM : AV_CODEC_ID_PGM, colour ? "PPM" : "PGM"};
  text.remove_prefix(2);
  headers.width = next_number(text);
  headers.height = next_number(text);
  return headers;
}

}  // namespace latentreel::ffmpeg
