#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <string_view>
#include <vector>

#include "ffmpeg/color.h"
#include "ffmpeg/image.h"
#include "ffmpeg/input_file.h"
#include "ffmpeg/picture_headers.h"
#include "ffmpeg/turn.h"

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;
using Alpha = PictureHeaders::Alpha;

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

// What the file is, where its first bytes belong to a kind that people have and that is not read.
const char* foreign_kind(std::string_view head) {
  const std::string_view brand = head.substr(std::min<std::size_t>(head.size(), 4), 8);
  if (head.starts_with("GIF8")) return "a GIF";
  if (head.starts_with("8BPS")) return "a Photoshop document";
  if (head.starts_with("%PDF")) return "a PDF";
  if (head.starts_with("\xff\x0a") || brand == "JXL \r\n\x87\n") return "a JPEG XL";
  if (brand == "ftypavif" || brand == "ftypavis") return "an AVIF";
  if (brand == "ftypheic" || brand == "ftypheix" || brand == "ftypmif1") return "a HEIC photo";
  if (head.starts_with(std::string_view("II+\0", 4))) return "a BigTIFF";
  if (head.starts_with(std::string_view("MM\0+", 4))) return "a BigTIFF";
  return nullptr;
}

void require_size(std::int64_t width, std::int64_t height, const std::string& doing) {
  if (width <= kMaxPictureSide && height <= kMaxPictureSide) return;
  refuse(doing, fmt::format("it is too large: it has {}x{} pixels, and at most {} per side can be "
                            "read; make it smaller first",
                            width, height, kMaxPictureSide));
}

// Which of a decoder's pixel formats become RGB below, and how. With any other, libswscale would
// make colours too, but nobody has looked at them.
bool is_mapped(AVCodecID codec, int format) {
  switch (format) {
    case AV_PIX_FMT_RGB24:  // as it is
    case AV_PIX_FMT_GRAY8:  // the same value three times, over the full range
      return true;
    case AV_PIX_FMT_MONOBLACK:  // black and white
    case AV_PIX_FMT_PAL8:       // by its palette, on white where that has alpha
    case AV_PIX_FMT_RGBA:       // laid on white; inks and alpha of a TIFF are RGBA by now
      return codec == AV_CODEC_ID_PNG || codec == AV_CODEC_ID_TIFF || codec == AV_CODEC_ID_BMP;
    case AV_PIX_FMT_YA8:
    case AV_PIX_FMT_YA16BE:
    case AV_PIX_FMT_YA16LE:
    case AV_PIX_FMT_RGBA64BE:
    case AV_PIX_FMT_RGBA64LE:  // laid on white, rounded to 8 bits
      return codec == AV_CODEC_ID_PNG || codec == AV_CODEC_ID_TIFF;
    case AV_PIX_FMT_GRAY16BE:
    case AV_PIX_FMT_GRAY16LE:
    case AV_PIX_FMT_RGB48BE:
    case AV_PIX_FMT_RGB48LE:  // rounded to 8 bits
      return codec != AV_CODEC_ID_MJPEG && codec != AV_CODEC_ID_WEBP && codec != AV_CODEC_ID_BMP;
    case AV_PIX_FMT_RGB0:  // a BMP's order; or libav has made it of a TIFF's four inks
      return codec == AV_CODEC_ID_BMP || codec == AV_CODEC_ID_TIFF;
    case AV_PIX_FMT_GBRP16BE:
    case AV_PIX_FMT_GBRP16LE:
    case AV_PIX_FMT_GBRAP16BE:
    case AV_PIX_FMT_GBRAP16LE:  // planes, put together and rounded to 8 bits
      return codec == AV_CODEC_ID_TIFF;
    case AV_PIX_FMT_GBRP:   // planes, put together
    case AV_PIX_FMT_GBRAP:  // the same; of a JPEG's four inks libav has made it with full alpha
      return codec == AV_CODEC_ID_MJPEG || codec == AV_CODEC_ID_TIFF;
    case AV_PIX_FMT_BGR24:
    case AV_PIX_FMT_BGR0:
    case AV_PIX_FMT_BGRA:
    case AV_PIX_FMT_RGB555:
    case AV_PIX_FMT_RGB565:
    case AV_PIX_FMT_RGB444:  // few bits spread over eight, white to white
    case AV_PIX_FMT_ABGR:
    case AV_PIX_FMT_0BGR:
    case AV_PIX_FMT_0RGB:  // the order of values changed; laid on white where there is alpha
      return codec == AV_CODEC_ID_BMP;
    case AV_PIX_FMT_ARGB:  // the same
      return codec == AV_CODEC_ID_BMP || codec == AV_CODEC_ID_WEBP;
    case AV_PIX_FMT_YUVA420P:  // by BT.601, laid on white
      return codec == AV_CODEC_ID_WEBP;
    case AV_PIX_FMT_YUVA444P:  // libav has made it of a JPEG's inks in luma, chroma and black
    case AV_PIX_FMT_YUVJ411P:
    case AV_PIX_FMT_YUVJ420P:
    case AV_PIX_FMT_YUVJ422P:
    case AV_PIX_FMT_YUVJ440P:
    case AV_PIX_FMT_YUVJ444P:  // by BT.601 over the full range, as JFIF says
      return codec == AV_CODEC_ID_MJPEG;
    case AV_PIX_FMT_YUV420P:  // by BT.601 and the range that the file gives
      return codec == AV_CODEC_ID_MJPEG || codec == AV_CODEC_ID_WEBP || codec == AV_CODEC_ID_TIFF;
    case AV_PIX_FMT_YUV422P:
    case AV_PIX_FMT_YUV444P:
      return codec == AV_CODEC_ID_MJPEG || codec == AV_CODEC_ID_TIFF;
    case AV_PIX_FMT_YUV410P:
    case AV_PIX_FMT_YUV411P:
    case AV_PIX_FMT_YUV440P:
      return codec == AV_CODEC_ID_TIFF;
    default:
      return false;
  }
}

void require_mapped(const AVFrame& frame, const PictureHeaders& headers, const std::string& doing) {
  if (is_mapped(headers.codec, frame.format)) return;
  const char* name = av_get_pix_fmt_name(static_cast<AVPixelFormat>(frame.format));
  refuse_kind(doing, fmt::format("a {} with pixels of the format {}", headers.kind,
                                 name == nullptr ? "unknown" : name));
}

CodecPtr open_decoder(const PictureHeaders& headers, const std::string& doing) {
  const AVCodec* codec = avcodec_find_decoder(headers.codec);
  if (codec == nullptr) {
    refuse(doing, fmt::format("the installed FFmpeg libraries cannot read {}; save it as another "
                              "kind of picture (PNG, JPEG)",
                              headers.kind));
  }
  CodecPtr decoder(check_alloc(avcodec_alloc_context3(codec)));
  decoder->thread_count = 1;
  decoder->max_pixels = std::int64_t{kMaxPictureSide} * kMaxPictureSide;
  decoder->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER;
  // These three show what is left of a damaged picture unless told otherwise; others refuse by
  // themselves.
  if (headers.codec == AV_CODEC_ID_PNG || headers.codec == AV_CODEC_ID_MJPEG ||
      headers.codec == AV_CODEC_ID_TIFF) {
    decoder->err_recognition |= AV_EF_EXPLODE;
  }
  check(avcodec_open2(decoder.get(), codec, nullptr), Kind::internal, doing);
  return decoder;
}

[[noreturn]] void refuse_undecodable(int code, const PictureHeaders& headers,
                                     const std::string& doing) {
  if (code == AVERROR(ENOMEM)) {
    refuse(doing, fmt::format("there is not enough memory for its {}x{} pixels; make it smaller "
                              "first or close other programs",
                              headers.width, headers.height));
  }
  if (code == AVERROR_PATCHWELCOME || code == AVERROR(ENOSYS)) {
    refuse_kind(doing, fmt::format("a rare kind of {}", headers.kind));
  }
  refuse(doing, fmt::format("its {} data cannot be decoded: the file is damaged, cut short or of a "
                            "rare kind; copy or download it again, or open it in a picture program "
                            "and save it as PNG",
                            headers.kind));
}

FramePtr decode(const AVPacket& packet, const PictureHeaders& headers, const std::string& doing) {
  const CodecPtr decoder = open_decoder(headers, doing);
  FramePtr frame = make_frame();
  int code = avcodec_send_packet(decoder.get(), &packet);
  if (code >= 0) code = avcodec_send_packet(decoder.get(), nullptr);
  if (code >= 0) code = avcodec_receive_frame(decoder.get(), frame.get());
  if (code >= 0 && (frame->flags & AV_FRAME_FLAG_CORRUPT || frame->decode_error_flags != 0 ||
                    frame->width < 1 || frame->height < 1)) {
    code = AVERROR_INVALIDDATA;
  }
  if (code < 0) refuse_undecodable(code, headers, doing);
  require_size(frame->width, frame->height, doing);
  require_mapped(*frame, headers, doing);
  if (headers.range != AVCOL_RANGE_UNSPECIFIED) frame->color_range = headers.range;
  return frame;
}

// Adds one picture's rows to `rgb`, laid on white by its alpha, rounded to 8 bits. Sample is
// uint8_t or uint16_t, of RGBA.
template <class Sample>
void lay_on_white(const AVFrame& rgba, Alpha kind, std::vector<std::uint8_t>& rgb) {
  constexpr std::int64_t kMax = std::numeric_limits<Sample>::max();
  for (int y = 0; y < rgba.height; ++y) {
    const auto* pixel = reinterpret_cast<const Sample*>(
        rgba.data[0] + static_cast<std::ptrdiff_t>(y) * rgba.linesize[0]);
    for (int x = 0; x < rgba.width; ++x, pixel += 4) {
      const std::int64_t alpha = kind == Alpha::unused ? kMax : pixel[3];
      const std::int64_t weight = kind == Alpha::premultiplied ? kMax : alpha;
      for (int c = 0; c < 3; ++c) {
        const std::int64_t value = std::min(pixel[c] * weight + kMax * (kMax - alpha), kMax * kMax);
        rgb.push_back(static_cast<std::uint8_t>((value * 255 + kMax * kMax / 2) / (kMax * kMax)));
      }
    }
  }
}

// Bits of red, green and blue in a pixel of two bytes, red the highest; nothing of other formats.
std::array<int, 3> bits_of_two_bytes(int format) {
  switch (format) {
    case AV_PIX_FMT_RGB444:
      return {4, 4, 4};
    case AV_PIX_FMT_RGB555:
      return {5, 5, 5};
    case AV_PIX_FMT_RGB565:
      return {5, 6, 5};
    default:
      return {};
  }
}

// The largest value of each becomes 255. libswscale leaves the low bits at zero on its way to RGBA,
// so that white would be a grey.
void unpack_two_bytes(const AVFrame& frame, const std::array<int, 3>& bits,
                      std::vector<std::uint8_t>& rgb) {
  for (int y = 0; y < frame.height; ++y) {
    const auto* pixel = frame.data[0] + static_cast<std::ptrdiff_t>(y) * frame.linesize[0];
    for (int x = 0; x < frame.width; ++x, pixel += 2) {
      std::uint16_t value = 0;
      std::memcpy(&value, pixel, 2);
      int below = bits[0] + bits[1] + bits[2];
      for (const int count : bits) {
        below -= count;
        const int most = (1 << count) - 1;
        const int part = (value >> below) & most;
        rgb.push_back(static_cast<std::uint8_t>((part * 255 + most / 2) / most));
      }
    }
  }
}

Image to_rgb(const AVFrame& frame, Alpha alpha) {
  Image image{frame.width, frame.height, {}};
  const std::size_t row = static_cast<std::size_t>(frame.width) * 3;
  const std::size_t size = row * static_cast<std::size_t>(frame.height);
  if (frame.format == AV_PIX_FMT_RGB24) {
    image.rgb.resize(size);
    copy_out(frame, row, image.rgb.data());
    return image;
  }
  if (const auto bits = bits_of_two_bytes(frame.format); bits[0] > 0) {
    image.rgb.reserve(size);
    unpack_two_bytes(frame, bits, image.rgb);
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
    lay_on_white<std::uint16_t>(*rgba, alpha, image.rgb);
  } else {
    lay_on_white<std::uint8_t>(*rgba, alpha, image.rgb);
  }
  return image;
}

}  // namespace

// Whole-file pictures need no demuxer: the first bytes choose the decoder. That keeps libav's many
// formats, among them those that open further files, out of reach.
PictureHeaders prepare_picture(AVPacket& packet, const std::string& doing) {
  const std::string_view head = bytes_of(packet);
  if (head.starts_with("\x89PNG\r\n\x1a\n")) return prepare_png(packet, doing);
  if (head.starts_with("\xff\xd8\xff")) return prepare_jpeg(packet, doing);
  if (head.starts_with("RIFF") && head.substr(0, 12).ends_with("WEBP")) {
    return prepare_webp(packet, doing);
  }
  if (head.starts_with("BM")) return prepare_bmp(packet, doing);
  if (head.starts_with(std::string_view("II*\0", 4))) return prepare_tiff(packet, doing);
  if (head.starts_with(std::string_view("MM\0*", 4))) return prepare_tiff(packet, doing);
  if (head.starts_with("P6") || head.starts_with("P5")) return prepare_pnm(packet, doing);
  if (const char* kind = foreign_kind(head)) refuse_kind(doing, kind);
  refuse(doing,
         "it is no picture of a kind that can be read (PNG, JPEG, WebP, BMP, TIFF, PPM, PGM); save "
         "the picture as PNG or JPEG");
}

Image read_picture(const std::filesystem::path& file) {
  silence_libav();
  const std::string doing = "reading the picture " + quoted(file.string());
  const PacketPtr packet = read_file(file, doing);
  const PictureHeaders headers = prepare_picture(*packet, doing);
  require_size(headers.width, headers.height, doing);
  const FramePtr frame = decode(*packet, headers, doing);
  return turned(to_rgb(*frame, headers.alpha), headers.orientation);
}

}  // namespace latentreel::ffmpeg
