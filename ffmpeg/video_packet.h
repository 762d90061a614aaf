// Encoded video as plain values, the boundary between encoding and writing a file. Times are whole
// frame numbers, so packets of segments that were encoded separately are joined by adding an offset
// to their times.
#pragma once

#include <cstdint>
#include <vector>

#include "ffmpeg/video_settings.h"

namespace latentreel::ffmpeg {

// What a muxer must know of a stream. Segments may be joined only where these are equal.
struct VideoFormat {
  VideoCodec codec = VideoCodec::h264;
  int width = 0;
  int height = 0;
  Ratio fps = {24, 1};
  int delay = 0;                        // frames by which decoding leads display (B-frames)
  std::vector<std::uint8_t> extradata;  // the codec's global header

  bool operator==(const VideoFormat&) const = default;
};

// One encoded frame. Packets come in decoding order: the k-th has dts = k - delay, and every frame
// number appears exactly once as a pts.
struct VideoPacket {
  std::vector<std::uint8_t> data;
  std::int64_t pts = 0;  // frame number, counted from the encoder's first frame
  std::int64_t dts = 0;
  bool key = false;  // decoding can start here
};

}  // namespace latentreel::ffmpeg
