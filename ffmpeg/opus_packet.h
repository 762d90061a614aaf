// The length of an Opus packet (RFC 6716, section 3.1). Internal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace latentreel::ffmpeg {

// Samples of 1/48000 second, 120 to 5760; nothing where the bytes are no packet.
std::optional<int> opus_samples(const std::uint8_t* bytes, std::size_t size);

}  // namespace latentreel::ffmpeg
