#include "ffmpeg/opus_packet.h"

namespace latentreel::ffmpeg {
namespace {

constexpr int kMost = 5760;  // 120 ms

// Of one frame, by the upper five bits of the first byte: 10 to 60 ms of SILK, 10 and 20 of both
// together, 2.5 to 20 of CELT.
int frame_samples(int config) {
  if (config < 12) return config % 4 == 3 ? 2880 : 480 << config % 4;
  if (config < 16) return 480 << config % 2;
  return 120 << config % 4;
}

}  // namespace

std::optional<int> opus_samples(const std::uint8_t* bytes, std::size_t size) {
  if (size < 1) return std::nullopt;
  int frames = 1;
  switch (bytes[0] & 3) {
    case 0:
      break;
    case 1:
    case 2:
      frames = 2;
      break;
    default:
      if (size < 2) return std::nullopt;
      frames = bytes[1] & 63;
  }
  const int samples = frames * frame_samples(bytes[0] >> 3);
  if (samples < 1 || samples > kMost) return std::nullopt;
  return samples;
}

}  // namespace latentreel::ffmpeg
