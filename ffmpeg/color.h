// Conversion between RGB and the pixel formats of codecs. Internal to this room.
//
// Note [BT.709]. libav converts with BT.601 unless told otherwise, whatever the film is tagged
// with. So the matrix and range of both sides are always given here, and the film is tagged with
// the same. Chroma samples are assumed and placed where MPEG-2, H.264 and their successors have
// them: at the left pixel.
#pragma once

#include "ffmpeg/av_ptr.h"

namespace latentreel::ffmpeg {

// What the values of a frame mean.
struct PixelMeaning {
  AVPixelFormat format = AV_PIX_FMT_NONE;
  AVColorSpace matrix = AVCOL_SPC_BT709;
  AVColorRange range = AVCOL_RANGE_MPEG;
  AVChromaLocation chroma = AVCHROMA_LOC_LEFT;

  bool operator==(const PixelMeaning&) const = default;
};

// The meaning that a decoded frame declares; where it declares none: `matrix_if_open`, limited
// range, chroma on the left.
PixelMeaning meaning_of(const AVFrame& frame, AVColorSpace matrix_if_open);

class ColorConverter {
 public:
  ColorConverter(int width, int height, PixelMeaning from, PixelMeaning to);

  // `to` has its buffers and size.
  void convert(const AVFrame& from, AVFrame& to);

  bool fits(int width, int height, const PixelMeaning& from) const {
    return width == width_ && height == height_ && from == from_;
  }

 private:
  int width_, height_;
  PixelMeaning from_;
  ScalerPtr scaler_;
};

// A frame of that size and format with buffers of its own.
FramePtr make_frame(int width, int height, AVPixelFormat format);

// Copies rows without padding into a frame of one interleaved plane, and back.
void copy_in(const void* rows, std::size_t row_bytes, AVFrame& frame);
void copy_out(const AVFrame& frame, std::size_t row_bytes, void* rows);

}  // namespace latentreel::ffmpeg
