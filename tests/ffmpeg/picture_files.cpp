#include "tests/ffmpeg/picture_files.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <map>

namespace latentreel::ffmpeg {
namespace {

std::string number(std::uint32_t value, int count, bool little) {
  return little ? little_endian(value, count) : big_endian(value, count);
}

// Bits from the highest on, with the filling and the stuffing of a JPEG's scan.
class ScanBits {
 public:
  void add(std::uint32_t value, int count) {
    for (int i = count - 1; i >= 0; --i) {
      byte_ = byte_ << 1 | (value >> i & 1);
      if (++bits_ == 8) flush();
    }
  }
  std::string finish() {
    while (bits_ != 0) add(1, 1);
    return bytes_;
  }

 private:
  void flush() {
    bytes_ += static_cast<char>(byte_);
    if (byte_ == 0xff) bytes_ += '\0';
    byte_ = 0;
    bits_ = 0;
  }

  std::string bytes_;
  std::uint32_t byte_ = 0;
  int bits_ = 0;
};

// An 8x8 block of one value: with quantizers of 1 its first coefficient is 8 times as large. The
// codes are those of the tables below: 4 bits for a length, one bit for the end of the block.
void add_block(ScanBits& bits, int value) {
  const int coefficient = (value - 128) * 8;
  const auto magnitude = static_cast<std::uint32_t>(std::abs(coefficient));
  const int length = std::bit_width(magnitude);
  bits.add(static_cast<std::uint32_t>(length), 4);
  bits.add(coefficient < 0 ? ~magnitude : magnitude, length);
  bits.add(0, 1);
}

std::uint32_t crc(const std::string& bytes) {
  std::uint32_t value = 0xffffffff;
  for (const char c : bytes) {
    value ^= static_cast<std::uint8_t>(c);
    for (int i = 0; i < 8; ++i) value = value >> 1 ^ (value & 1 ? 0xedb88320 : 0);
  }
  return ~value;
}

}  // namespace

std::string little_endian(std::uint32_t value, int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xff);
  return bytes;
}

std::string big_endian(std::uint32_t value, int count) {
  std::string bytes = little_endian(value, count);
  std::reverse(bytes.begin(), bytes.end());
  return bytes;
}

std::string jpeg_segment(int marker, const std::string& payload) {
  return "\xff" + std::string(1, static_cast<char>(marker)) +
         big_endian(static_cast<std::uint32_t>(payload.size()) + 2, 2) + payload;
}

std::string TestJpeg::bytes() const {
  const auto count = values.size();
  const std::string size = big_endian(static_cast<std::uint32_t>(side), 2);
  std::string jpeg = "\xff\xd8";
  if (adobe) {
    jpeg += jpeg_segment(0xee, std::string("Adobe\0\x64\0\0\0\0", 11) + static_cast<char>(*adobe));
  }
  jpeg += jpeg_segment(0xdb, std::string(1, '\0') + std::string(64, '\1'));
  std::string frame_header = static_cast<char>(bits) + size + size + static_cast<char>(count);
  for (std::size_t i = 0; i < count; ++i) frame_header += std::string{ids[i], '\x11', '\0'};
  jpeg += jpeg_segment(frame, frame_header);
  const std::string twelve_of_four_bits = std::string("\0\0\0\0\x0c", 5) + std::string(12, '\0');
  jpeg += jpeg_segment(0xc4, twelve_of_four_bits + std::string("\0\1\2\3\4\5\6\7\x8\x9\xa\xb", 12));
  jpeg +=
      jpeg_segment(0xc4, std::string("\x10\1", 2) + std::string(15, '\0') + std::string(1, '\0'));
  for (std::size_t first = 0; first < count; first += scan_each ? 1 : count) {
    const std::size_t last = scan_each ? first + 1 : count;
    std::string scan_header(1, static_cast<char>(last - first));
    ScanBits coded;
    for (std::size_t i = first; i < last; ++i) {
      scan_header += std::string{ids[i], '\0'};
      add_block(coded, values[i]);
    }
    jpeg += jpeg_segment(0xda, scan_header + std::string("\0\x3f\0", 3)) + coded.finish();
  }
  return jpeg + "\xff\xd9";
}

std::string exif(int orientation, bool little) {
  const auto value = static_cast<std::uint32_t>(orientation);
  return (little ? "II" : "MM") + number(42, 2, little) + number(8, 4, little) +
         number(1, 2, little) + number(0x112, 2, little) + number(3, 2, little) +
         number(1, 4, little) + number(value, 2, little) + number(0, 2, little) +
         number(0, 4, little);
}

std::string TestTiff::bytes() const {
  constexpr std::uint32_t kShort = 3, kLong = 4;
  const auto samples = static_cast<int>(bits.size());
  const std::uint32_t strips = planar == 2 ? static_cast<std::uint32_t>(samples) : 1;
  const auto strip = static_cast<std::uint32_t>(pixels.size()) / strips;
  std::map<int, std::pair<std::uint32_t, std::vector<std::uint32_t>>> tags;
  const auto set = [&](int tag, const std::vector<int>& values) {
    tags[tag] = {kShort, {values.begin(), values.end()}};
  };
  set(256, {width});
  set(257, {height});
  set(258, bits);
  set(259, {compression});
  set(262, {colours});
  set(277, {samples});
  set(278, {height});
  set(284, {planar});
  for (const auto& [tag, values] : more) set(tag, values);
  tags[273] = tags[279] = {kLong, {}};
  for (std::uint32_t i = 0; i < strips; ++i) {
    tags[273].second.push_back(8 + i * strip);
    tags[279].second.push_back(strip);
  }
  const std::uint32_t directory = 8 + static_cast<std::uint32_t>(pixels.size());
  const auto count = static_cast<std::uint32_t>(tags.size());
  std::string entries, values_behind;
  for (const auto& [tag, typed] : tags) {
    const auto& [type, values] = typed;
    std::string packed;
    for (const auto value : values) packed += number(value, type == kShort ? 2 : 4, little);
    entries += number(static_cast<std::uint32_t>(tag), 2, little) + number(type, 2, little) +
               number(static_cast<std::uint32_t>(values.size()), 4, little);
    if (packed.size() <= 4) {
      entries += packed + std::string(4 - packed.size(), '\0');
    } else {
      const auto behind = static_cast<std::uint32_t>(values_behind.size());
      entries += number(directory + 2 + 12 * count + 4 + behind, 4, little);
      values_behind += packed;
    }
  }
  return (little ? "II" : "MM") + number(42, 2, little) + number(directory, 4, little) + pixels +
         number(count, 2, little) + entries + number(0, 4, little) + values_behind;
}

std::string sixteen_times(const std::string& pixel) {
  std::string pixels;
  for (int i = 0; i < 16; ++i) pixels += pixel;
  return pixels;
}

std::string png_chunk(const std::string& name, const std::string& data) {
  return big_endian(static_cast<std::uint32_t>(data.size()), 4) + name + data +
         big_endian(crc(name + data), 4);
}

std::size_t find_chunk(const std::string& png, const std::string& name) {
  return png.find(name) - 4;
}

std::string webp_chunk(const std::string& name, const std::string& data) {
  return name + little_endian(static_cast<std::uint32_t>(data.size()), 4) + data +
         std::string(data.size() % 2, '\0');
}

std::string webp_file(const std::string& chunks) {
  return "RIFF" + little_endian(static_cast<std::uint32_t>(chunks.size()) + 4, 4) + "WEBP" + chunks;
}

}  // namespace latentreel::ffmpeg
