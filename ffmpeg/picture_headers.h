// What a picture's file says of itself, read before libav sees it. libav passes over much that a
// person would see: it shows black where a TIFF's strip is damaged, takes inks for colours, and
// leaves pictures on their side. So the headers are read here, what cannot be shown rightly is
// refused by name, and the decoder gets no more of the file than it needs. Internal to this room.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ffmpeg/av_ptr.h"

namespace latentreel::ffmpeg {

struct PictureHeaders {
  AVCodecID codec = AV_CODEC_ID_NONE;
  const char* kind = "";  // as people call it: "PNG"
  // As the headers give them; 0 where they do not. The decoder has the last word.
  std::int64_t width = 0;
  std::int64_t height = 0;
  int orientation = 1;  // EXIF's, 1 to 8
  // Whether colours have been multiplied by their alpha, or the fourth value is no alpha at all.
  enum class Alpha { straight, premultiplied, unused };
  Alpha alpha = Alpha::straight;
  AVColorRange range = AVCOL_RANGE_UNSPECIFIED;  // where libav does not read it
};

// Each reads the headers of one kind of file and leaves in the packet what its decoder needs.
// Throws MediaError (invalid), beginning with `doing`, for what is cut short, damaged or cannot be
// shown rightly.
PictureHeaders prepare_jpeg(AVPacket& packet, const std::string& doing);
PictureHeaders prepare_png(AVPacket& packet, const std::string& doing);
PictureHeaders prepare_tiff(AVPacket& packet, const std::string& doing);
PictureHeaders prepare_webp(AVPacket& packet, const std::string& doing);
PictureHeaders prepare_bmp(AVPacket& packet, const std::string& doing);
PictureHeaders prepare_pnm(AVPacket& packet, const std::string& doing);
// The one of these that the first bytes ask for.
PictureHeaders prepare_picture(AVPacket& packet, const std::string& doing);

// The orientation in EXIF data, with or without "Exif" before it; 1 where it says nothing or
// nonsense.
int exif_orientation(std::string_view exif);

// Numbers in a file's bytes. What lies outside reads as 0: has() tells.
class Bytes {
 public:
  enum class Order { big, little };

  Bytes(std::string_view bytes, Order order) : bytes_(bytes), order_(order) {}

  std::uint64_t size() const { return bytes_.size(); }
  bool has(std::uint64_t at, std::uint64_t count) const {
    return at <= size() && count <= size() - at;
  }
  std::string_view part(std::uint64_t at, std::uint64_t count) const {
    return has(at, count) ? bytes_.substr(at, count) : std::string_view();
  }
  std::uint32_t u8(std::uint64_t at) const { return number(at, 1); }
  std::uint32_t u16(std::uint64_t at) const { return number(at, 2); }
  std::uint32_t u24(std::uint64_t at) const { return number(at, 3); }
  std::uint32_t u32(std::uint64_t at) const { return number(at, 4); }

 private:
  std::uint32_t number(std::uint64_t at, unsigned count) const {
    std::uint32_t value = 0;
    for (unsigned i = 0; has(at, count) && i < count; ++i) {
      const unsigned digit = order_ == Order::big ? i : count - 1 - i;
      value = value << 8 | static_cast<std::uint8_t>(bytes_[at + digit]);
    }
    return value;
  }

  std::string_view bytes_;
  Order order_;
};

inline std::string_view bytes_of(const AVPacket& packet) {
  return {reinterpret_cast<const char*>(packet.data), static_cast<std::size_t>(packet.size)};
}

[[noreturn]] inline void refuse(const std::string& doing, const std::string& why) {
  throw MediaError(MediaError::Kind::invalid, doing + ": " + why);
}

[[noreturn]] inline void refuse_cut(const std::string& doing) {
  refuse(doing, "the file is cut short; copy or download it again");
}

// `what` is the kind with its article and what is special: "a CMYK TIFF with 16 bits a value".
[[noreturn]] inline void refuse_kind(const std::string& doing, const std::string& what) {
  refuse(doing, "it is " + what +
                    ", which cannot be read; open it in a picture program and save it as PNG or "
                    "JPEG in RGB");
}

}  // namespace latentreel::ffmpeg
