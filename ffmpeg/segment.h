// A segment of a film as bytes: its stream's format and its packets, to be kept and joined later.
//
//   "latentreel segment 1\n" | format | packets | end        numbers are little-endian, 64 bits
//   format   codec, width, height, fps.num, fps.den, delay, size of extradata, extradata
//   packet   pts, dts, key, size of data, data
//   end      -1, number of packets
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ffmpeg/video_packet.h"

namespace latentreel::ffmpeg {

// Frame numbers of `packets` count from the segment's first frame.
struct Segment {
  VideoFormat format;
  std::vector<VideoPacket> packets;
};

// The bytes a segment is kept as, packet by packet.
class SegmentBytes {
 public:
  explicit SegmentBytes(const VideoFormat& format);
  void add(const VideoPacket& packet);
  // All of them, with the end.
  std::vector<std::byte> finish() &&;

 private:
  void add_number(std::int64_t number);
  void add_data(std::span<const std::uint8_t> data);

  std::vector<std::byte> bytes_;
  std::int64_t packets_ = 0;
};

// The reverse. Everything is checked: sizes against what is there, and that every frame number from
// 0 on appears once. Throws MediaError (invalid), whose message calls the input `name`.
Segment parse_segment(std::span<const std::byte> bytes, const std::string& name);

}  // namespace latentreel::ffmpeg
