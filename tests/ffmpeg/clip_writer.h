// Clips as other people's programs and cameras make them: of any codec, rate, shape and colour.
// Each frame bears its number, painted so that it survives an encoder and tells which way is up.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "ffmpeg/color.h"
#include "ffmpeg/image.h"

namespace latentreel::ffmpeg {

// Numbers 0 to 4095, in four rows of four blocks, black and white.
std::vector<std::uint8_t> numbered_picture(int width, int height, int number);

// The number in a picture; -1 for one that stands on its side, on its head or mirrored.
int number_in(const Image& image);

struct TestClip {
  std::vector<std::int64_t> stamps = {};  // a frame each, in ticks
  AVRational tick = {1, 24};
  AVRational rate = {24, 1};
  int width = 96;
  int height = 64;
  std::string encoder = "libx264";
  std::string tuning = "preset=ultrafast,crf=10";  // the encoder's own options
  int gop = 12;
  int b_frames = 0;
  PixelMeaning pixels = {AV_PIX_FMT_YUV420P, AVCOL_SPC_BT709, AVCOL_RANGE_MPEG};
  AVColorTransferCharacteristic transfer = AVCOL_TRC_BT709;
  AVColorPrimaries primaries = AVCOL_PRI_BT709;
  AVRational pixel_shape = {1, 1};
  AVFieldOrder fields = AV_FIELD_PROGRESSIVE;
  std::vector<std::int32_t> display_matrix = {};
  int dolby_vision = -1;  // what its base layer is compatible with; -1: it is none

  TestClip& frames(int count);  // a tick or `step` of them each
  TestClip& steps(int count, int step);
};

// The file's name says its container.
void write_clip(const std::filesystem::path& file, const TestClip& clip);

}  // namespace latentreel::ffmpeg
