#include <fmt/format.h>

#include <optional>

#include "ffmpeg/picture_headers.h"

namespace latentreel::ffmpeg {
namespace {

constexpr std::uint32_t kStartOfImage = 0xd8, kEndOfImage = 0xd9, kStartOfScan = 0xda;
constexpr std::uint32_t kApp0 = 0xe0, kApp1 = 0xe1, kApp14 = 0xee, kApp15 = 0xef;

// Where the code of the next marker stands. Passes over coded data, in which 0xff is followed by 0,
// and over the filling before a marker.
std::optional<std::uint64_t> next_marker(std::string_view bytes, std::uint64_t at) {
  for (;;) {
    at = bytes.find('\xff', at);
    if (at == std::string_view::npos || at + 1 >= bytes.size()) return std::nullopt;
    ++at;
    if (bytes[at] != '\0' && bytes[at] != '\xff') return at;
  }
}

// A frame's header; others of its range define tables or are reserved.
bool is_frame(std::uint32_t marker) {
  return (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc) ||
         marker == 0xf7;
}

// What may stand between the scans of a picture. Anything else shows that coded data ended before
// its time and something else follows.
bool may_follow_scan(std::uint32_t marker) {
  return marker == 0xc4 || marker == 0xcc || (marker >= 0xda && marker <= 0xdd) ||
         (marker >= kApp0 && marker <= kApp15) || marker == 0xfe;
}

void require_readable_coding(std::uint32_t marker, const std::string& doing) {
  if (marker <= 0xc2) return;
  if (marker == 0xf7) refuse_kind(doing, "a JPEG-LS");
  if (marker >= 0xc9) refuse_kind(doing, "a JPEG with arithmetic coding");
  if (marker == 0xc3) refuse_kind(doing, "a lossless JPEG");
  refuse_kind(doing, "a hierarchical JPEG");
}

// Inks are stored either way round. Only Adobe's marker says which, and whether they were turned
// into luma and chroma.
void require_readable_colours(std::uint32_t components, std::optional<std::uint32_t> adobe,
                              const std::string& doing) {
  if (components == 1 || components == 3) return;
  if (components != 4) refuse_kind(doing, fmt::format("a JPEG with {} colours", components));
  if (!adobe) {
    refuse_kind(doing, "a CMYK JPEG that does not say how its inks are stored (no Adobe marker)");
  }
  if (*adobe != 0 && *adobe != 2) {
    refuse_kind(doing, fmt::format("a CMYK JPEG with an unknown colour transform ({})", *adobe));
  }
}

class JpegWalk {
 public:
  JpegWalk(std::string_view bytes, const std::string& doing)
      : view_(bytes), bytes_(bytes, Bytes::Order::big), doing_(doing) {}

  // Goes over the main picture's markers, up to its end. Thumbnails lie within segments; films and
  // further pictures, which phones append, lie behind the end.
  PictureHeaders walk() {
    for (std::uint64_t at = 2;;) {
      const auto code = next_marker(view_, at);
      if (!code) refuse_cut(doing_);
      const std::uint32_t marker = bytes_.u8(*code);
      at = *code + 1;
      if (marker == kEndOfImage) {
        end_ = at;
        break;
      }
      if (marker == kStartOfImage ||
          (scanned_ && !stands_alone(marker) && !may_follow_scan(marker)))
        refuse(doing_, "the file is damaged or cut short; copy or download it again");
      if (!stands_alone(marker)) at = segment(marker, at);
    }
    if (!scanned_)
      refuse(doing_, "the file is damaged: it has no picture; copy or download it again");
    return headers_;
  }

  std::uint64_t end() const { return end_; }

 private:
  static bool stands_alone(std::uint32_t marker) {
    return marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7);
  }

  // Reads the segment that begins with its length at `at`; where it ends.
  std::uint64_t segment(std::uint32_t marker, std::uint64_t at) {
    const std::uint32_t length = bytes_.u16(at);
    if (!bytes_.has(at, 2) || !bytes_.has(at, length)) refuse_cut(doing_);
    if (length < 2) refuse(doing_, "the file is damaged; copy or download it again");
    const std::string_view payload = bytes_.part(at + 2, length - 2);
    if (is_frame(marker)) frame(marker, Bytes(payload, Bytes::Order::big));
    if (marker == kApp14 && payload.starts_with("Adobe") && payload.size() >= 12) {
      adobe_ = static_cast<std::uint8_t>(payload[11]);
    }
    if (marker == kApp1 && payload.starts_with("Exif") && headers_.orientation == 1) {
      headers_.orientation = exif_orientation(payload);
    }
    scanned_ = scanned_ || marker == kStartOfScan;
    return at + length;
  }

  void frame(std::uint32_t marker, const Bytes& header) {
    require_readable_coding(marker, doing_);
    if (header.u8(0) != 8) {
      refuse_kind(doing_, fmt::format("a JPEG with {} bits a value", header.u8(0)));
    }
    headers_.height = header.u16(1);
    headers_.width = header.u16(3);
    require_readable_colours(header.u8(5), adobe_, doing_);
    // By these names libav takes the colours for inks, Adobe's marker or no.
    const bool named_inks =
        header.u8(6) == 'C' && header.u8(9) == 'M' && header.u8(12) == 'Y' && header.u8(15) == 'K';
    if (header.u8(5) == 4 && named_inks && adobe_ == 2u) {
      refuse_kind(doing_, "a CMYK JPEG that says in two ways how its inks are stored");
    }
  }

  std::string_view view_;
  Bytes bytes_;
  const std::string& doing_;
  PictureHeaders headers_{AV_CODEC_ID_MJPEG, "JPEG"};
  std::optional<std::uint32_t> adobe_;
  bool scanned_ = false;
  std::uint64_t end_ = 0;
};

}  // namespace

PictureHeaders prepare_jpeg(AVPacket& packet, const std::string& doing) {
  JpegWalk walk(bytes_of(packet), doing);
  const PictureHeaders headers = walk.walk();
  av_shrink_packet(&packet, static_cast<int>(walk.end()));
  return headers;
}

}  // namespace latentreel::ffmpeg
