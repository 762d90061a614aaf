#include "ffmpeg/clip_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <span>

#include "ffmpeg/turn.h"

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

constexpr const char* kToSdr =
    "ffmpeg -i CLIP -vf "
    "zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,"
    "zscale=t=bt709:m=bt709:r=tv,format=yuv420p -crf 14 -c:a copy sdr.mp4";

// Nobody makes pixels longer than that; who says so has written nonsense.
constexpr int kLongestPixel = 8;

bool is_believable(AVRational pixel) {
  return pixel.num > 0 && pixel.den > 0 && pixel.num <= std::int64_t{pixel.den} * kLongestPixel &&
         pixel.den <= std::int64_t{pixel.num} * kLongestPixel;
}

std::int64_t rounded(std::int64_t num, std::int64_t den) {
  return (num + den / 2) / den;
}

// A display matrix maps a pixel (p, q) to (a p + c q, b p + d q), but for where it begins.
int orientation_of(const std::array<std::int32_t, 9>& matrix) {
  const std::int64_t a = matrix[0], b = matrix[1], c = matrix[3], d = matrix[4];
  if (std::abs(a) + std::abs(d) >= std::abs(b) + std::abs(c)) {
    if (a < 0) return d < 0 ? 3 : 2;
    return d < 0 ? 4 : 1;
  }
  if (b < 0) return c < 0 ? 7 : 8;
  return c < 0 ? 6 : 5;
}

bool is_quarter_turn(const std::array<std::int32_t, 9>& matrix) {
  const double kept = std::hypot(matrix[0], matrix[4]), crossed = std::hypot(matrix[1], matrix[3]);
  return std::min(kept, crossed) <= 0.01 * std::max(kept, crossed);
}

// What a container says of a stream besides its parameters; empty where it does not.
std::span<const std::uint8_t> side_data(const AVStream& video, AVPacketSideDataType type) {
#if LIBAVFORMAT_VERSION_INT < AV_VERSION_INT(60, 15, 100)
  std::size_t size = 0;
  const std::uint8_t* data = av_stream_get_side_data(&video, type, &size);
  return {data, data == nullptr ? 0 : size};
#else
  const AVCodecParameters& parameters = *video.codecpar;
  const auto* side =
      av_packet_side_data_get(parameters.coded_side_data, parameters.nb_coded_side_data, type);
  if (side == nullptr) return {};
  return {side->data, side->size};
#endif
}

std::optional<std::array<std::int32_t, 9>> display_matrix(const AVStream& video) {
  const auto data = side_data(video, AV_PKT_DATA_DISPLAYMATRIX);
  std::array<std::int32_t, 9> matrix{};
  if (data.size() < sizeof matrix) return std::nullopt;
  std::memcpy(matrix.data(), data.data(), sizeof matrix);
  return matrix;
}

// Where a frame does not say: high definition came with BT.709.
AVColorSpace usual_matrix(const AVFrame& frame) {
  return frame.width >= 1280 || frame.height > 576 ? AVCOL_SPC_BT709 : AVCOL_SPC_BT470BG;
}

bool has_alpha(AVPixelFormat format) {
  const auto* description = av_pix_fmt_desc_get(format);
  return description != nullptr &&
         (description->flags & (AV_PIX_FMT_FLAG_ALPHA | AV_PIX_FMT_FLAG_PAL)) != 0;
}

// The middle of a stored frame that becomes the picture.
struct Cut {
  int left, top, width, height;
};

Cut middle_of(const StoredShape& shape, int width, int height) {
  // Sides in units of a pixel's: w * num to h * den, where the picture has `width` to `height`.
  const std::int64_t across = std::int64_t{shape.width} * shape.pixel.num * height;
  const std::int64_t down = std::int64_t{shape.height} * shape.pixel.den * width;
  Cut cut{0, 0, shape.width, shape.height};
  if (across > down) {
    cut.width = static_cast<int>(rounded(down, std::int64_t{shape.pixel.num} * height));
  } else {
    cut.height = static_cast<int>(rounded(across, std::int64_t{shape.pixel.den} * width));
  }
  cut.width = std::clamp(cut.width, 1, shape.width);
  cut.height = std::clamp(cut.height, 1, shape.height);
  cut.left = (shape.width - cut.width) / 2;
  cut.top = (shape.height - cut.height) / 2;
  return cut;
}

std::vector<std::uint8_t> rows_of(const AVFrame& frame, const Cut& cut) {
  const bool blend = frame.format == AV_PIX_FMT_RGBA;
  const std::ptrdiff_t pixel = blend ? 4 : 3;
  const std::size_t row = static_cast<std::size_t>(cut.width) * 3;
  std::vector<std::uint8_t> rows(row * static_cast<std::size_t>(cut.height));
  std::uint8_t* to = rows.data();
  for (int y = cut.top; y < cut.top + cut.height; ++y) {
    const std::uint8_t* from =
        frame.data[0] + std::ptrdiff_t{y} * frame.linesize[0] + std::ptrdiff_t{cut.left} * pixel;
    if (!blend) {
      std::memcpy(to, from, row);
      to += row;
      continue;
    }
    for (int x = 0; x < cut.width; ++x, from += 4) {
      for (int c = 0; c < 3; ++c) {
        *to++ = static_cast<std::uint8_t>((from[c] * from[3] + 127) / 255);
      }
    }
  }
  return rows;
}

}  // namespace

int StoredShape::upright_width() const {
  const int across = pixel.num < pixel.den
                         ? width
                         : static_cast<int>(rounded(std::int64_t{width} * pixel.num, pixel.den));
  const int down = pixel.num < pixel.den
                       ? static_cast<int>(rounded(std::int64_t{height} * pixel.den, pixel.num))
                       : height;
  return lies_sideways(orientation) ? down : across;
}

int StoredShape::upright_height() const {
  StoredShape other = *this;
  other.orientation = lies_sideways(orientation) ? 1 : 6;
  return other.upright_width();
}

ClipLook look_of(AVFormatContext& container, AVStream& video) {
  ClipLook look;
  look.pixel = av_guess_sample_aspect_ratio(&container, &video, nullptr);
  if (const auto matrix = display_matrix(video)) {
    look.orientation = orientation_of(*matrix);
    look.is_odd_turn = !is_quarter_turn(*matrix);
  }
  return look;
}

StoredShape shape_of(const AVFrame& frame, const ClipLook& look) {
  StoredShape shape{frame.width, frame.height, look.pixel, look.orientation};
  if (shape.pixel.num == 0) shape.pixel = frame.sample_aspect_ratio;
  if (!is_believable(shape.pixel)) shape.pixel = {1, 1};
  av_reduce(&shape.pixel.num, &shape.pixel.den, shape.pixel.num, shape.pixel.den, 1 << 15);
  return shape;
}

void refuse_hdr(AVColorTransferCharacteristic transfer, const std::string& doing) {
  if (transfer != AVCOL_TRC_SMPTE2084 && transfer != AVCOL_TRC_ARIB_STD_B67) return;
  throw MediaError(
      Kind::invalid,
      fmt::format("{}: it is HDR ({}), brighter than a film here can be; convert it first: {}",
                  doing, transfer == AVCOL_TRC_SMPTE2084 ? "PQ" : "HLG", kToSdr));
}

void refuse_dolby_vision(const AVStream& video, const std::string& doing) {
  const auto data = side_data(video, AV_PKT_DATA_DOVI_CONF);
  AVDOVIDecoderConfigurationRecord record{};
  if (data.size() < sizeof record) return;
  std::memcpy(&record, data.data(), sizeof record);
  if (record.dv_bl_signal_compatibility_id != 0) return;
  throw MediaError(Kind::invalid,
                   doing +
                       ": it is Dolby Vision with colours of its own, which come out green and "
                       "violet elsewhere; export it as SDR where it was made");
}

void ClipView::convert(const AVFrame& frame) {
  const PixelMeaning from = meaning_of(frame, usual_matrix(frame));
  if (sws_isSupportedInput(from.format) == 0) {
    const char* name = av_get_pix_fmt_name(from.format);
    throw MediaError(Kind::invalid,
                     fmt::format("{}: its pixels have the format {}, which cannot be read; convert "
                                 "it: ffmpeg -i CLIP -pix_fmt yuv420p -crf 14 clip.mp4",
                                 doing_, name == nullptr ? "unknown" : name));
  }
  if (!converter_ || !converter_->fits(frame.width, frame.height, from)) {
    PixelMeaning to;
    to.format = has_alpha(from.format) ? AV_PIX_FMT_RGBA : AV_PIX_FMT_RGB24;
    to.range = AVCOL_RANGE_JPEG;
    converted_.reset();
    converter_.emplace(frame.width, frame.height, from, to);
    converted_ = make_frame(frame.width, frame.height, to.format);
  }
  converter_->convert(frame, *converted_);
}

Image ClipView::operator()(const AVFrame& frame) {
  refuse_hdr(frame.color_trc, doing_);
  const StoredShape shape = shape_of(frame, look_);
  const bool sideways = lies_sideways(shape.orientation);
  const int width = sideways ? height_ : width_, height = sideways ? width_ : height_;
  const bool whole = fit_ == ClipSettings::Fit::stretch;
  const Cut cut = whole ? Cut{0, 0, shape.width, shape.height} : middle_of(shape, width, height);
  convert(frame);
  if (!resizer_ || cut_width_ != cut.width || cut_height_ != cut.height) {
    resizer_.emplace(cut.width, cut.height, width, height);
    cut_width_ = cut.width;
    cut_height_ = cut.height;
  }
  return turned({width, height, (*resizer_)(rows_of(*converted_, cut))}, shape.orientation);
}

}  // namespace latentreel::ffmpeg
