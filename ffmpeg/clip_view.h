// A clip's frame as the picture that is to be seen of it. Internal to this room.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ffmpeg/color.h"
#include "ffmpeg/image.h"
#include "ffmpeg/resizer.h"
#include "ffmpeg/video_clip.h"

namespace latentreel::ffmpeg {

// How a frame is stored.
struct StoredShape {
  int width = 0;
  int height = 0;
  AVRational pixel = {1, 1};  // the shape of a pixel, width to height
  int orientation = 1;        // EXIF's

  // The size as it is to be seen, of square pixels: no row and no column is lost.
  int upright_width() const;
  int upright_height() const;
};

// What is known of the stream rather than of a frame.
struct ClipLook {
  AVRational pixel = {0, 1};  // 0: as frames say
  int orientation = 1;
  bool is_odd_turn = false;  // by an angle between the quarters, the nearest of which is taken
};
ClipLook look_of(AVFormatContext& container, AVStream& video);

StoredShape shape_of(const AVFrame& frame, const ClipLook& look);

// Throws MediaError (invalid) where the values mean light beyond what a screen's white is.
void refuse_hdr(AVColorTransferCharacteristic transfer, const std::string& doing);

// Likewise where Dolby Vision's values mean nothing without what it adds to them (profile 5).
void refuse_dolby_vision(const AVStream& video, const std::string& doing);

class ClipView {
 public:
  ClipView(const ClipLook& look, int width, int height, ClipSettings::Fit fit, std::string doing)
      : look_(look), width_(width), height_(height), fit_(fit), doing_(std::move(doing)) {}

  // The picture, of the view's width and height.
  Image operator()(const AVFrame& frame);

 private:
  void convert(const AVFrame& frame);

  ClipLook look_;
  int width_, height_;
  ClipSettings::Fit fit_;
  std::string doing_;
  std::optional<ColorConverter> converter_;
  FramePtr converted_;
  std::optional<Resizer<std::uint8_t>> resizer_;
  int cut_width_ = 0, cut_height_ = 0;  // what resizer_ takes
};

}  // namespace latentreel::ffmpeg
