#include "scenes/tempo_map.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <vector>

namespace latentreel::scenes {
namespace {

RationalTime beat(std::int64_t number) {
  return {number, 1};
}

TEST(TempoMapTest, CountsBeatsAndBarsFromOne) {
  const TempoMap map = TempoMap::even({120, 1}, {37, 100}, 4);
  EXPECT_EQ(map.time_of_beat(beat(1)), RationalTime(37, 100));
  EXPECT_EQ(map.time_of_beat(beat(33)), RationalTime(1637, 100));
  EXPECT_EQ(map.time_of_bar(beat(1)), RationalTime(37, 100));
  EXPECT_EQ(map.time_of_bar(beat(9)), map.time_of_beat(beat(33)));
  EXPECT_EQ(map.time_of_bar(beat(9), beat(3)), map.time_of_beat(beat(35)));
  EXPECT_EQ(map.time_of_beat({67, 2}), RationalTime(1662, 100));
  EXPECT_EQ(map.time_of_bar({3, 2}), map.time_of_beat(beat(3)));
}

TEST(TempoMapTest, NeverDrifts) {
  const FrameRate fps{30000, 1001};
  for (const std::int64_t thousandth_bpm : {118'000, 128'987, 87'500, 173'999}) {
    const TempoMap map = TempoMap::even({thousandth_bpm, 1000}, {37, 100}, 4);
    for (std::int64_t n = 1; n <= 20'000; n += 7) {
      const long double exact = 0.37L + static_cast<long double>(n - 1) * 60'000 / thousandth_bpm;
      const std::int64_t frame = nearest_frame(map.time_of_beat(beat(n)), fps);
      EXPECT_LE(std::abs(static_cast<long double>(frame) * 1001 / 30000 - exact),
                1001.0L / 60000 + 1e-12L);
    }
  }
}

TEST(TempoMapTest, InvertsItself) {
  const TempoMap even = TempoMap::even({118, 1}, {37, 100}, 4);
  const TempoMap listed = TempoMap::from_beats({{1, 2}, {1, 1}, {7, 4}, {5, 2}}, 3);
  for (std::int64_t i = -20; i < 60; ++i) {
    const RationalTime number(i, 4);
    EXPECT_EQ(even.beat_at(even.time_of_beat(number)), number);
    EXPECT_EQ(listed.beat_at(listed.time_of_beat(number)), number);
  }
}

TEST(TempoMapTest, TakesListedBeatsAndGoesOnWithTheirPeriod) {
  const TempoMap map = TempoMap::from_beats({{1, 2}, {1, 1}, {7, 4}}, 4);
  EXPECT_EQ(map.time_of_beat(beat(1)), RationalTime(1, 2));
  EXPECT_EQ(map.time_of_beat({3, 2}), RationalTime(3, 4));
  EXPECT_EQ(map.time_of_beat(beat(3)), RationalTime(7, 4));
  EXPECT_EQ(map.time_of_beat(beat(5)), RationalTime(13, 4));
  EXPECT_EQ(map.time_of_beat(beat(0)), RationalTime());
}

TEST(TempoMapTest, RefusesWhatIsNoTempo) {
  EXPECT_THROW(TempoMap::even({}, {}), std::domain_error);
  EXPECT_THROW(TempoMap::even({-1, 1}, {}), std::domain_error);
  EXPECT_THROW(TempoMap::even({120, 1}, {}, 0), std::domain_error);
  EXPECT_THROW(TempoMap::from_beats({{1, 1}}), std::domain_error);
  EXPECT_THROW(TempoMap::from_beats({{1, 1}, {1, 1}}), std::domain_error);
}

TEST(FormatBarTest, ReadsLikeTheSceneWritesIt) {
  const TempoMap map = TempoMap::even({120, 1}, {}, 4);
  EXPECT_EQ(format_bar(map, {0, 1}), "bar 1 beat 1");
  EXPECT_EQ(format_bar(map, {17, 1}), "bar 9 beat 3");
  EXPECT_EQ(format_bar(map, {137, 8}), "bar 9 beat 3.25");
  EXPECT_EQ(format_bar(map, {1999, 1000}), "bar 2 beat 1");
  EXPECT_EQ(format_bar(map, {-1, 2}), "bar 0 beat 4");
}

TempoMap with_bars() {
  // Two bars of 4 beats, one of 3 that is cut short to 2, then bars of 6.
  return TempoMap::from_points({{beat(1), {}}, {beat(9), {4, 1}}, {beat(11), {6, 1}}}, {1, 2},
                               {1, 4}, {{beat(1), 1, 4}, {beat(9), 3, 3}, {beat(11), 4, 6}});
}

TEST(TempoMapTest, CountsBarsOfChangingLengths) {
  const TempoMap map = with_bars();
  EXPECT_EQ(map.time_of_bar(beat(1)), RationalTime());
  EXPECT_EQ(map.time_of_bar(beat(2)), map.time_of_beat(beat(5)));
  EXPECT_EQ(map.time_of_bar(beat(3)), map.time_of_beat(beat(9)));
  EXPECT_EQ(map.time_of_bar(beat(4)), map.time_of_beat(beat(11)));
  EXPECT_EQ(map.time_of_bar(beat(5), beat(2)), map.time_of_beat(beat(18)));
  EXPECT_EQ(map.time_of_bar(beat(0)), RationalTime(-2, 1));
  EXPECT_EQ(map.beats_in_bar(2), beat(4));
  EXPECT_EQ(map.beats_in_bar(3), beat(2));
  EXPECT_EQ(map.beats_in_bar(9), beat(6));
  EXPECT_EQ(map.position_at({6, 1}), (BarPosition{4, beat(1)}));
  EXPECT_EQ(map.position_at({5, 1}), (BarPosition{3, beat(2)}));
  EXPECT_EQ(map.position_at({-1, 2}), (BarPosition{0, beat(4)}));
  EXPECT_EQ(format_bar(map, {5999, 1000}), "bar 4 beat 1");
}

TEST(TempoMapTest, InvertsBars) {
  const TempoMap map = with_bars();
  for (std::int64_t i = -16; i < 80; ++i) {
    const RationalTime bar(i, 8);
    EXPECT_EQ(map.bar_at(map.time_of_bar(bar)), bar);
    const BarPosition position = map.position_at(RationalTime(i, 7));
    EXPECT_EQ(map.time_of_bar({position.bar, 1}, position.beat), RationalTime(i, 7));
  }
}

TEST(TempoMapTest, RefusesBarsThatDoNotFollow) {
  const std::vector<BeatTime> points = {{beat(1), {}}, {beat(2), beat(1)}};
  const auto with = [&](std::vector<Meter> meters) {
    return TempoMap::from_points(points, beat(1), beat(1), std::move(meters));
  };
  EXPECT_NO_THROW(with({{beat(1), 1, 4}, {beat(6), 3, 3}}));
  EXPECT_THROW(with({}), std::domain_error);
  EXPECT_THROW(with({{beat(1), 1, 4}, {beat(5), 3, 3}}), std::domain_error);
  EXPECT_THROW(with({{beat(1), 1, 4}, {beat(1), 1, 3}}), std::domain_error);
  EXPECT_THROW(with({{beat(1), 1, 0}}), std::domain_error);
  EXPECT_THROW(TempoMap::from_points({}, beat(1), beat(1), {{}}), std::domain_error);
  EXPECT_THROW(TempoMap::from_points(points, {}, beat(1), {{}}), std::domain_error);
  EXPECT_THROW(TempoMap::from_points({points[1], points[0]}, beat(1), beat(1), {{}}),
               std::domain_error);
}

}  // namespace
}  // namespace latentreel::scenes
