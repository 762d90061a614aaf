#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// MIDI files, written byte by byte.

namespace latentreel::scenes {

inline std::string big_endian(std::uint32_t value, std::size_t size) {
  std::string bytes;
  for (std::size_t i = size; i-- > 0;) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

inline std::string midi_number(std::uint32_t value) {
  std::string bytes(1, static_cast<char>(value & 0x7F));
  while ((value >>= 7) > 0) bytes.insert(bytes.begin(), static_cast<char>(0x80 | (value & 0x7F)));
  return bytes;
}

inline std::string midi_meta(std::uint32_t delta, int type, std::string_view data) {
  std::string bytes = midi_number(delta) + '\xFF' + static_cast<char>(type);
  return bytes + midi_number(static_cast<std::uint32_t>(data.size())) + std::string(data);
}

inline std::string midi_tempo(std::uint32_t delta, std::uint32_t microseconds) {
  return midi_meta(delta, 0x51, big_endian(microseconds, 3));
}

inline std::string midi_signature(std::uint32_t delta, int beats, int power) {
  const std::string data = {static_cast<char>(beats), static_cast<char>(power), 24, 8};
  return midi_meta(delta, 0x58, data);
}

inline std::string midi_chunk(std::string_view name, std::string_view content) {
  return std::string(name) + big_endian(static_cast<std::uint32_t>(content.size()), 4) +
         std::string(content);
}

inline std::string midi_track(std::string_view events) {
  return midi_chunk("MTrk", std::string(events) + midi_meta(0, 0x2F, ""));
}

inline std::string midi_header(int format, int tracks, int division) {
  return midi_chunk("MThd", big_endian(static_cast<std::uint32_t>(format), 2) +
                                big_endian(static_cast<std::uint32_t>(tracks), 2) +
                                big_endian(static_cast<std::uint32_t>(division), 2));
}

}  // namespace latentreel::scenes
