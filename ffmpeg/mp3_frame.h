// The header of an MP3 frame (ISO 11172-3 and 13818-3, layer III). Internal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace latentreel::ffmpeg {

struct Mp3Frame {
  int bytes = 0;       // of the whole frame
  int main_bytes = 0;  // of these, those that later frames may borrow from
  int reservoir = 0;   // the most bytes of earlier frames that one may borrow
};

// Nothing where the bytes are no header of layer III, or give no bit rate.
std::optional<Mp3Frame> read_mp3_frame(const std::uint8_t* bytes, std::size_t size);

}  // namespace latentreel::ffmpeg
