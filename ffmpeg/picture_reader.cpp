#include <fmt/format.h>

#include <limits>
#include <string_view>
#include <vector>

#include "ffmpeg/color.h"
#include "ffmpeg/image.h"
#include "ffmpeg/input_file.h"

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

constexpr std::int64_t kMaxBytes = std::int64_t{1} << 29;

// The whole file, padded as decoders want it.
PacketPtr read_file(const std::filesystem::path& path, const std::string& doing) {
  PlainFile file(path, doing);
  if (file.size() == 0) throw MediaError(Kind::invalid, doing + ": the file is empty");
  if (file.size() > kMaxBytes) {
    throw MediaError(Kind::invalid,
                     doing + ": the file is larger than 512 MiB; make it smaller first");
  }
  PacketPtr packet = make_packet();
  check(av_new_packet(packet.get(), static_cast<int>(file.size())), Kind::internal, doing);
  int done = 0;
  while (done < packet->size) {
    const auto got = file.read(packet->data + done, static_cast<std::size_t>(packet->size - done));
    if (got == 0) break;
    done += check(static_cast<int>(got), Kind::invalid, doing);
  }
  av_shrink_packet(packet.get(), done);
  return packet;
}

// Whole-file pictures need no demuxer: the first bytes choose the decoder. That keeps libav's many
// formats, among them those that open further files, out of reach.
AVCodecID picture_codec(const AVPacket& packet) {
  const std::string_view head(reinterpret_cast<const char*>(packet.data),
                              static_cast<std::size_t>(packet.size));
  if (head.starts_with("\x89PNG\r\n\x1a\n")) return AV_CODEC_ID_PNG;
  if (head.starts_with("\xff\xd8\xff")) return AV_CODEC_ID_MJPEG;
  if (head.starts_with("RIFF") && head.substr(0, 12).ends_with("WEBP")) return AV_CODEC_ID_WEBP;
  if (head.starts_with("BM")) return AV_CODEC_ID_BMP;
  if (head.starts_with(std::string_view("II*\0", 4))) return AV_CODEC_ID_TIFF;
  if (head.starts_with(std::string_view("MM\0*", 4))) return AV_CODEC_ID_TIFF;
  if (head.starts_with("P6")) return AV_CODEC_ID_PPM;
  if (head.starts_with("P5")) return AV_CODEC_ID_PGM;
  return AV_CODEC_ID_NONE;
}

// A few missing bytes at the end of a JPEG escape the decoder. Within coded data neither marker
// occurs, and the last scan's end lies behind its start (an earlier end may belong to a thumbnail).
bool jpeg_ends(const AVPacket& packet) {
  const std::string_view bytes(reinterpret_cast<const char*>(packet.data),
                               static_cast<std::size_t>(packet.size));
  const auto scan = bytes.rfind("\xff\xda");
  return scan != std::string_view::npos && bytes.find("\xff\xd9", scan) != std::string_view::npos;
}

FramePtr decode(const AVPacket& packet, const std::string& doing) {
  const AVCodecID id = picture_codec(packet);
  const AVCodec* codec = id == AV_CODEC_ID_NONE ? nullptr : avcodec_find_decoder(id);
  if (codec == nullptr) {
    throw MediaError(Kind::invalid,
                     doing + ": this kind of picture cannot be read; save it as PNG or JPEG");
  }
  CodecPtr decoder(check_alloc(avcodec_alloc_context3(codec)));
  decoder->thread_count = 1;
  decoder->max_pixels = std::int64_t{kMaxPictureSide} * kMaxPictureSide;
  decoder->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER;
  // These two show what is left of a damaged picture unless told otherwise; others refuse by
  // themselves, and TIFF's would also refuse tags that are merely new.
  if (id == AV_CODEC_ID_PNG || id == AV_CODEC_ID_MJPEG) decoder->err_recognition |= AV_EF_EXPLODE;
  check(avcodec_open2(decoder.get(), codec, nullptr), Kind::internal, doing);
  if (id == AV_CODEC_ID_MJPEG && !jpeg_ends(packet))
    throw MediaError(Kind::invalid, doing + ": the file is cut short");
  FramePtr frame = make_frame();
  const std::string damaged =
      doing + ": the file is damaged or cut short, or the picture is too large";
  check(avcodec_send_packet(decoder.get(), &packet), Kind::invalid, damaged);
  check(avcodec_send_packet(decoder.get(), nullptr), Kind::invalid, damaged);
  check(avcodec_receive_frame(decoder.get(), frame.get()), Kind::invalid, damaged);
  if (frame->flags & AV_FRAME_FLAG_CORRUPT || frame->decode_error_flags != 0) {
    throw MediaError(Kind::invalid, damaged);
  }
  if (frame->width < 1 || frame->height < 1 || frame->width > kMaxPictureSide ||
      frame->height > kMaxPictureSide) {
    throw MediaError(
        Kind::invalid,
        fmt::format(
            "{}: it has {}x{} pixels, and at most {} per side can be read; make it smaller first",
            doing, frame->width, frame->height, kMaxPictureSide));
  }
  return frame;
}

// Adds one picture's rows to `rgb`, laid on white by its straight alpha, rounded to 8 bits. Sample
// is uint8_t or uint16_t, of RGBA.
template <class Sample>
void lay_on_white(const AVFrame& rgba, std::vector<std::uint8_t>& rgb) {
  constexpr std::int64_t kMax = std::numeric_limits<Sample>::max();
  for (int y = 0; y < rgba.height; ++y) {
    const auto* pixel = reinterpret_cast<const Sample*>(
        rgba.data[0] + static_cast<std::ptrdiff_t>(y) * rgba.linesize[0]);
    for (int x = 0; x < rgba.width; ++x, pixel += 4) {
      const std::int64_t alpha = pixel[3];
      for (int c = 0; c < 3; ++c) {
        const std::int64_t value = pixel[c] * alpha + kMax * (kMax - alpha);
        rgb.push_back(static_cast<std::uint8_t>((value * 255 + kMax * kMax / 2) / (kMax * kMax)));
      }
    }
  }
}

Image to_rgb(const AVFrame& frame) {
  Image image{frame.width, frame.height, {}};
  const std::size_t row = static_cast<std::size_t>(frame.width) * 3;
  const std::size_t size = row * static_cast<std::size_t>(frame.height);
  if (frame.format == AV_PIX_FMT_RGB24) {
    image.rgb.resize(size);
    copy_out(frame, row, image.rgb.data());
    return image;
  }
  const auto* description = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  const bool deep = description != nullptr && description->comp[0].depth > 8;
  PixelMeaning to;
  to.format = deep ? AV_PIX_FMT_RGBA64 : AV_PIX_FMT_RGBA;
  to.range = AVCOL_RANGE_JPEG;
  PixelMeaning from = meaning_of(frame, AVCOL_SPC_BT470BG);
  // JPEG and WebP have their chroma in the middle of the pixels it belongs to.
  if (frame.chroma_location == AVCHROMA_LOC_UNSPECIFIED) from.chroma = AVCHROMA_LOC_CENTER;
  const FramePtr rgba = make_frame(frame.width, frame.height, to.format);
  ColorConverter(frame.width, frame.height, from, to).convert(frame, *rgba);
  image.rgb.reserve(size);
  if (deep) {
    lay_on_white<std::uint16_t>(*rgba, image.rgb);
  } else {
    lay_on_white<std::uint8_t>(*rgba, image.rgb);
  }
  return image;
}

// EXIF orientation, 1 to 8; 1 where the file says nothing or nonsense.
int orientation_of(const AVFrame& frame) {
  const AVDictionaryEntry* entry = av_dict_get(frame.metadata, "Orientation", nullptr, 0);
  if (entry == nullptr) return 1;
  const std::string_view text = entry->value;
  const auto digit = text.find_first_not_of(' ');
  if (digit == std::string_view::npos || digit + 1 != text.size()) return 1;
  const int value = text[digit] - '0';
  return value >= 1 && value <= 8 ? value : 1;
}

// Turns the picture so that it stands upright: orientation o says which corner the first pixel is.
Image turn(Image image, int orientation) {
  if (orientation == 1) return image;
  const bool sideways = orientation >= 5;
  Image out{sideways ? image.height : image.width, sideways ? image.width : image.height, {}};
  out.rgb.resize(image.rgb.size());
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      int from_x = sideways ? y : x;
      int from_y = sideways ? x : y;
      if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8) {
        from_x = image.width - 1 - from_x;
      }
      if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7) {
        from_y = image.height - 1 - from_y;
      }
      const auto from = (static_cast<std::size_t>(from_y) * static_cast<std::size_t>(image.width) +
                         static_cast<std::size_t>(from_x)) *
                        3;
      const auto to = (static_cast<std::size_t>(y) * static_cast<std::size_t>(out.width) +
                       static_cast<std::size_t>(x)) *
                      3;
      for (std::size_t c = 0; c < 3; ++c) out.rgb[to + c] = image.rgb[from + c];
    }
  }
  return out;
}

}  // namespace

Image read_picture(const std::filesystem::path& file) {
  silence_libav();
  const std::string doing = "reading the picture " + quoted(file.string());
  const PacketPtr packet = read_file(file, doing);
  const FramePtr frame = decode(*packet, doing);
  return turn(to_rgb(*frame), orientation_of(*frame));
}

}  // namespace latentreel::ffmpeg
