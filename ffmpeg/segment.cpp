#include "ffmpeg/segment.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "ffmpeg/error.h"

namespace latentreel::ffmpeg {
namespace {

constexpr std::string_view kMagic = "latentreel segment 1\n";
constexpr std::int64_t kEnd = -1;  // where a packet's frame number would be

class Reader {
 public:
  Reader(std::span<const std::byte> bytes, const std::string& name) : rest_(bytes), name_(name) {}

  bool empty() const { return rest_.empty(); }

  [[noreturn]] void refuse(std::string_view problem) const {
    throw MediaError(MediaError::Kind::invalid,
                     fmt::format("reading the segment {}: {}", name_, problem));
  }

  std::span<const std::byte> data(std::int64_t size) {
    if (size < 0 || static_cast<std::uint64_t>(size) > rest_.size()) refuse("it is cut short");
    const auto taken = rest_.first(static_cast<std::size_t>(size));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

  std::int64_t number() {
    std::uint64_t value = 0;
    const auto bytes = data(8);
    for (std::size_t i = 8; i-- > 0;) value = value << 8 | std::to_integer<std::uint64_t>(bytes[i]);
    return static_cast<std::int64_t>(value);
  }

  int small_number(std::int64_t most) {
    const auto value = number();
    if (value < 0 || value > most) refuse("a number in it is out of range");
    return static_cast<int>(value);
  }

  std::vector<std::uint8_t> sized_data() {
    const auto bytes = data(number());
    const auto* from = reinterpret_cast<const std::uint8_t*>(bytes.data());
    return {from, from + bytes.size()};
  }

 private:
  std::span<const std::byte> rest_;
  const std::string& name_;
};

VideoFormat read_format(Reader& reader) {
  constexpr std::int64_t kMostPixels = 1 << 16;
  VideoFormat format;
  format.codec = static_cast<VideoCodec>(reader.small_number(static_cast<int>(VideoCodec::ffv1)));
  format.width = reader.small_number(kMostPixels);
  format.height = reader.small_number(kMostPixels);
  format.fps.num = reader.number();
  format.fps.den = reader.number();
  if (format.fps.num <= 0 || format.fps.den <= 0) reader.refuse("its frame rate is not positive");
  format.delay = reader.small_number(kMostPixels);
  format.extradata = reader.sized_data();
  return format;
}

void check_times(const Segment& segment, const Reader& reader) {
  std::vector<std::int64_t> shown;
  for (std::size_t k = 0; k < segment.packets.size(); ++k) {
    const auto& packet = segment.packets[k];
    if (packet.dts != static_cast<std::int64_t>(k) - segment.format.delay) {
      reader.refuse("its packets are out of order");
    }
    shown.push_back(packet.pts);
  }
  std::sort(shown.begin(), shown.end());
  for (std::size_t k = 0; k < shown.size(); ++k) {
    if (shown[k] != static_cast<std::int64_t>(k)) reader.refuse("frames are missing or doubled");
  }
  if (segment.packets.empty() || !segment.packets.front().key) {
    reader.refuse("it does not begin with a key frame");
  }
}

}  // namespace

SegmentBytes::SegmentBytes(const VideoFormat& format) {
  const auto* magic = reinterpret_cast<const std::byte*>(kMagic.data());
  bytes_.assign(magic, magic + kMagic.size());
  for (const std::int64_t number :
       {static_cast<std::int64_t>(format.codec), std::int64_t{format.width},
        std::int64_t{format.height}, format.fps.num, format.fps.den, std::int64_t{format.delay}}) {
    add_number(number);
  }
  add_data(format.extradata);
}

void SegmentBytes::add(const VideoPacket& packet) {
  add_number(packet.pts);
  add_number(packet.dts);
  add_number(packet.key ? 1 : 0);
  add_data(packet.data);
  ++packets_;
}

std::vector<std::byte> SegmentBytes::finish() && {
  add_number(kEnd);
  add_number(packets_);
  return std::move(bytes_);
}

void SegmentBytes::add_number(std::int64_t number) {
  for (int i = 0; i < 8; ++i) {
    bytes_.push_back(static_cast<std::byte>(static_cast<std::uint64_t>(number) >> (8 * i) & 0xff));
  }
}

void SegmentBytes::add_data(std::span<const std::uint8_t> data) {
  add_number(static_cast<std::int64_t>(data.size()));
  const auto bytes = std::as_bytes(data);
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

Segment parse_segment(std::span<const std::byte> bytes, const std::string& name) {
  Reader reader(bytes, name);
  const auto magic = reader.data(static_cast<std::int64_t>(kMagic.size()));
  if (!std::equal(magic.begin(), magic.end(), std::as_bytes(std::span(kMagic)).begin())) {
    reader.refuse("it is not a segment of this version");
  }
  Segment segment;
  segment.format = read_format(reader);
  for (auto pts = reader.number(); pts != kEnd; pts = reader.number()) {
    VideoPacket packet;
    packet.pts = pts;
    packet.dts = reader.number();
    packet.key = reader.small_number(1) == 1;
    packet.data = reader.sized_data();
    segment.packets.push_back(std::move(packet));
  }
  if (reader.number() != static_cast<std::int64_t>(segment.packets.size()) || !reader.empty()) {
    reader.refuse("packets are missing");
  }
  check_times(segment, reader);
  return segment;
}

}  // namespace latentreel::ffmpeg
