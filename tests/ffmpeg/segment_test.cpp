#include "ffmpeg/segment.h"

#include <gtest/gtest.h>

#include "ffmpeg/error.h"

namespace latentreel::ffmpeg {
namespace {

Segment example() {
  Segment segment;
  segment.format = {.codec = VideoCodec::hevc,
                    .width = 64,
                    .height = 48,
                    .fps = {24000, 1001},
                    .delay = 2,
                    .extradata = {1, 2, 3}};
  const std::int64_t shown[] = {0, 3, 1, 2};
  for (int k = 0; k < 4; ++k) {
    segment.packets.push_back({.data = std::vector<std::uint8_t>(static_cast<std::size_t>(k), 7),
                               .pts = shown[k],
                               .dts = k - 2,
                               .key = k == 0});
  }
  return segment;
}

std::vector<std::byte> bytes_of(const Segment& segment) {
  SegmentBytes bytes(segment.format);
  for (const auto& packet : segment.packets) bytes.add(packet);
  return std::move(bytes).finish();
}

TEST(SegmentFile, ComesBackAsItWas) {
  const auto segment = example();
  const auto back = parse_segment(bytes_of(segment), "test");
  EXPECT_EQ(back.format, segment.format);
  ASSERT_EQ(back.packets.size(), 4u);
  for (std::size_t k = 0; k < 4; ++k) {
    EXPECT_EQ(back.packets[k].data, segment.packets[k].data);
    EXPECT_EQ(back.packets[k].pts, segment.packets[k].pts);
    EXPECT_EQ(back.packets[k].dts, segment.packets[k].dts);
    EXPECT_EQ(back.packets[k].key, segment.packets[k].key);
  }
}

TEST(SegmentFile, IsRefusedWhereverItIsCut) {
  const auto bytes = bytes_of(example());
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_THROW(parse_segment(std::span(bytes).first(length), "test"), MediaError) << length;
  }
}

TEST(SegmentFile, IsRefusedWithAFrameMissingDoubledOrOutOfOrder) {
  auto missing = example();
  missing.packets[3].pts = 4;
  EXPECT_THROW(parse_segment(bytes_of(missing), "test"), MediaError);
  auto doubled = example();
  doubled.packets[3].pts = 1;
  EXPECT_THROW(parse_segment(bytes_of(doubled), "test"), MediaError);
  auto unordered = example();
  std::swap(unordered.packets[1].dts, unordered.packets[2].dts);
  EXPECT_THROW(parse_segment(bytes_of(unordered), "test"), MediaError);
  auto headless = example();
  headless.packets[0].key = false;
  EXPECT_THROW(parse_segment(bytes_of(headless), "test"), MediaError);
}

// Whatever byte is changed: an error or a segment, never a crash.
TEST(SegmentFile, SurvivesEveryChangedByte) {
  const auto bytes = bytes_of(example());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    auto changed = bytes;
    changed[at] = std::byte{0xff};
    try {
      parse_segment(changed, "test");
    } catch (const MediaError& error) {
      EXPECT_EQ(error.kind(), MediaError::Kind::invalid);
    }
  }
}

}  // namespace
}  // namespace latentreel::ffmpeg
