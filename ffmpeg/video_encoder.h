// Frames in, packets out; no file anywhere. One encoder makes one run of frames: a film, or a
// segment of whole closed groups that is joined with others later. Same settings and frames, same
// bytes. Not thread-safe; the encoder's own threads are settings.threads.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ffmpeg/video_packet.h"
#include "ffmpeg/video_settings.h"

namespace latentreel::ffmpeg {

// The version of the encoders' library, such as "5.1.6": another version may give other bytes for
// the same frames.
std::string encoder_version();

class VideoEncoder {
 public:
  // Throws MediaError (usage) for settings that do not fit, internal where the encoder will not
  // start.
  explicit VideoEncoder(const VideoSettings& settings);
  ~VideoEncoder();
  VideoEncoder(VideoEncoder&&) noexcept;
  VideoEncoder& operator=(VideoEncoder&&) noexcept;

  // Complete as soon as the encoder is open.
  const VideoFormat& format() const;

  // Takes the next frame, [height][width][3] row by row, and gives the packets that came out: often
  // none, as encoders look ahead. The sample type must fit bit_depth(codec).
  std::vector<VideoPacket> encode(std::span<const std::uint8_t> rgb);
  std::vector<VideoPacket> encode(std::span<const std::uint16_t> rgb);

  // Ends the run and gives the packets still inside. In all there is one packet for every frame.
  std::vector<VideoPacket> finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace latentreel::ffmpeg
