#include "ffmpeg/mp3_frame.h"

#include <array>

namespace latentreel::ffmpeg {
namespace {

// In kbit/s; 0 stands for "free", which says nothing.
constexpr std::array<int, 16> kRates = {0,   32,  40,  48,  56,  64,  80,  96,
                                        112, 128, 160, 192, 224, 256, 320, 0};
constexpr std::array<int, 16> kLowRates = {0,  8,  16, 24,  32,  40,  48,  56,
                                           64, 80, 96, 112, 128, 144, 160, 0};
constexpr std::array<int, 4> kHertz = {44100, 48000, 32000, 0};

}  // namespace

std::optional<Mp3Frame> read_mp3_frame(const std::uint8_t* bytes, std::size_t size) {
  if (size < 4 || bytes[0] != 0xFF || (bytes[1] & 0xE0) != 0xE0) return std::nullopt;
  const int version = bytes[1] >> 3 & 3;  // 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5
  if (version == 1 || (bytes[1] >> 1 & 3) != 1) return std::nullopt;
  const bool first = version == 3;
  const auto rate_index = static_cast<std::size_t>(bytes[2] >> 4);
  const int rate = first ? kRates[rate_index] : kLowRates[rate_index];
  const int hertz = kHertz[static_cast<std::size_t>(bytes[2] >> 2 & 3)] >> (first          ? 0
                                                                            : version == 2 ? 1
                                                                                           : 2);
  if (rate == 0 || hertz == 0) return std::nullopt;
  const bool mono = bytes[3] >> 6 == 3;
  const int checksum = bytes[1] & 1 ? 0 : 2;
  const int side = first ? (mono ? 17 : 32) : (mono ? 9 : 17);
  Mp3Frame frame;
  frame.bytes = (first ? 144 : 72) * rate * 1000 / hertz + (bytes[2] >> 1 & 1);
  frame.main_bytes = frame.bytes - 4 - checksum - side;
  frame.reservoir = first ? 511 : 255;
  return frame;
}

}  // namespace latentreel::ffmpeg
