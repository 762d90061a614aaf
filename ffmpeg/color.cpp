#include "ffmpeg/color.h"

#include <cstring>

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

bool is_rgb(AVPixelFormat format) {
  const AVPixFmtDescriptor* description = av_pix_fmt_desc_get(format);
  return description != nullptr &&
         (description->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL));
}

bool is_gray(AVPixelFormat format) {
  const AVPixFmtDescriptor* description = av_pix_fmt_desc_get(format);
  return description != nullptr && description->nb_components <= 2 && !is_rgb(format);
}

const int* coefficients(AVColorSpace matrix) {
  switch (matrix) {
    case AVCOL_SPC_BT709:
      return sws_getCoefficients(SWS_CS_ITU709);
    case AVCOL_SPC_FCC:
      return sws_getCoefficients(SWS_CS_FCC);
    case AVCOL_SPC_SMPTE240M:
      return sws_getCoefficients(SWS_CS_SMPTE240M);
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL:
      return sws_getCoefficients(SWS_CS_BT2020);
    default:
      return sws_getCoefficients(SWS_CS_ITU601);
  }
}

// libswscale counts chroma positions in 1/256 of a full-size pixel.
int horizontal_position(const PixelMeaning& meaning) {
  const bool left = meaning.chroma != AVCHROMA_LOC_CENTER && meaning.chroma != AVCHROMA_LOC_TOP &&
                    meaning.chroma != AVCHROMA_LOC_BOTTOM;
  return left ? 0 : 128;
}

int vertical_position(const PixelMeaning& meaning) {
  const bool top = meaning.chroma == AVCHROMA_LOC_TOPLEFT || meaning.chroma == AVCHROMA_LOC_TOP;
  return top ? 0 : 128;
}

void set(SwsContext* scaler, const char* option, std::int64_t value) {
  check(av_opt_set_int(scaler, option, value, 0), Kind::internal,
        std::string("setting the colour converter's ") + option);
}

void set_chroma(SwsContext* scaler, const char* side, const PixelMeaning& meaning) {
  int x = 0, y = 0;
  if (av_pix_fmt_get_chroma_sub_sample(meaning.format, &x, &y) < 0 || is_rgb(meaning.format))
    return;
  const std::string name = side;
  if (x > 0) set(scaler, (name + "_h_chr_pos").c_str(), horizontal_position(meaning));
  if (y > 0) set(scaler, (name + "_v_chr_pos").c_str(), vertical_position(meaning));
}

}  // namespace

PixelMeaning meaning_of(const AVFrame& frame, AVColorSpace matrix_if_open) {
  PixelMeaning meaning;
  meaning.format = static_cast<AVPixelFormat>(frame.format);
  meaning.matrix = frame.colorspace == AVCOL_SPC_UNSPECIFIED ? matrix_if_open : frame.colorspace;
  meaning.range = frame.color_range == AVCOL_RANGE_JPEG ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
  meaning.chroma =
      frame.chroma_location == AVCHROMA_LOC_UNSPECIFIED ? AVCHROMA_LOC_LEFT : frame.chroma_location;
  // The yuvj formats say their range by their name; libswscale wants the plain name and the range.
  switch (meaning.format) {
    case AV_PIX_FMT_YUVJ420P:
      meaning.format = AV_PIX_FMT_YUV420P;
      break;
    case AV_PIX_FMT_YUVJ422P:
      meaning.format = AV_PIX_FMT_YUV422P;
      break;
    case AV_PIX_FMT_YUVJ444P:
      meaning.format = AV_PIX_FMT_YUV444P;
      break;
    case AV_PIX_FMT_YUVJ440P:
      meaning.format = AV_PIX_FMT_YUV440P;
      break;
    case AV_PIX_FMT_YUVJ411P:
      meaning.format = AV_PIX_FMT_YUV411P;
      break;
    default:
      // Grey pictures that leave their range open use all of it.
      if (is_rgb(meaning.format) ||
          (is_gray(meaning.format) && frame.color_range != AVCOL_RANGE_MPEG)) {
        meaning.range = AVCOL_RANGE_JPEG;
      }
      return meaning;
  }
  meaning.range = AVCOL_RANGE_JPEG;
  return meaning;
}

ColorConverter::ColorConverter(int width, int height, PixelMeaning from, PixelMeaning to)
    : width_(width), height_(height), from_(from), scaler_(check_alloc(sws_alloc_context())) {
  SwsContext* scaler = scaler_.get();
  set(scaler, "srcw", width);
  set(scaler, "srch", height);
  set(scaler, "src_format", from.format);
  set(scaler, "dstw", width);
  set(scaler, "dsth", height);
  set(scaler, "dst_format", to.format);
  set(scaler, "src_range", from.range == AVCOL_RANGE_JPEG);
  set(scaler, "dst_range", to.range == AVCOL_RANGE_JPEG);
  set(scaler, "sws_flags",
      SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP | SWS_BITEXACT);
  set_chroma(scaler, "src", from);
  set_chroma(scaler, "dst", to);
  const std::string doing = "converting colours";
  check(sws_init_context(scaler, nullptr, nullptr), Kind::internal, doing);
  // Between two RGB formats there is nothing to set, and libswscale says so by an error.
  if (!is_rgb(from.format) || !is_rgb(to.format)) {
    check(sws_setColorspaceDetails(scaler, coefficients(from.matrix),
                                   from.range == AVCOL_RANGE_JPEG, coefficients(to.matrix),
                                   to.range == AVCOL_RANGE_JPEG, 0, 1 << 16, 1 << 16),
          Kind::internal, doing);
  }
}

void ColorConverter::convert(const AVFrame& from, AVFrame& to) {
  check(sws_scale(scaler_.get(), from.data, from.linesize, 0, height_, to.data, to.linesize),
        Kind::internal, "converting colours");
}

FramePtr make_frame(int width, int height, AVPixelFormat format) {
  FramePtr frame = make_frame();
  frame->width = width;
  frame->height = height;
  frame->format = format;
  check(av_frame_get_buffer(frame.get(), 0), Kind::internal, "taking memory for a frame");
  return frame;
}

void copy_in(const void* rows, std::size_t row_bytes, AVFrame& frame) {
  const auto* from = static_cast<const std::uint8_t*>(rows);
  for (int y = 0; y < frame.height; ++y, from += row_bytes) {
    std::memcpy(frame.data[0] + static_cast<std::ptrdiff_t>(y) * frame.linesize[0], from,
                row_bytes);
  }
}

void copy_out(const AVFrame& frame, std::size_t row_bytes, void* rows) {
  auto* to = static_cast<std::uint8_t*>(rows);
  for (int y = 0; y < frame.height; ++y, to += row_bytes) {
    std::memcpy(to, frame.data[0] + static_cast<std::ptrdiff_t>(y) * frame.linesize[0], row_bytes);
  }
}

}  // namespace latentreel::ffmpeg
