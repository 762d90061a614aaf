#include "scenes/tempo_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <stdexcept>

#include "scenes/scene.h"
#include "scenes/scene_error.h"
#include "tests/scenes/support.h"

namespace latentreel::scenes {
namespace {

using testing::ElementsAre;

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

TEST(BeatLabelsTest, ReadsAnAudacityLabelTrack) {
  EXPECT_THAT(parse_beat_labels("\xEF\xBB\xBF"
                                "0.370000\t0.370000\tbeat 1\r\n"
                                "\\\t100.0\t200.0\n"
                                "0.370000\t8.5\tsection intro\n"
                                "0.370000\t0.370000\tbar 1\n"
                                "1.370000\t1.370000\n"
                                "\n"
                                "0.870000\t0.870000\tB",
                                "x.txt"),
              ElementsAre(RationalTime(37, 100), RationalTime(87, 100), RationalTime(137, 100)));
}

std::string label_error(const char* text) {
  try {
    parse_beat_labels(text, "song.txt");
    return {};
  } catch (const SceneError& error) {
    return error.what();
  }
}

TEST(BeatLabelsTest, NamesTheLineThatIsWrong) {
  EXPECT_EQ(label_error("0.5\t0.5\tx\n1,5\t1,5\ty\n2\t1\tz\n"),
            "song.txt:2:1: the label's start is not a number of seconds\n"
            "  1,5 1,5 y\n"
            "  ^ a label is start<TAB>end<TAB>text, in seconds\n"
            "song.txt:3:1: the label's end is not a number of seconds at or after its start\n"
            "  2 1 z\n"
            "  ^ a label is start<TAB>end<TAB>text, in seconds");
  EXPECT_EQ(label_error("1\t1\tonly\n"),
            "song.txt: the label file has fewer than two beats, "
            "a line start<TAB>end<TAB>text for every beat");
}

using TempoFileTest = FolderTest;

TEST_F(TempoFileTest, TypedTempoWinsOverLabels) {
  MusicOptions music;
  EXPECT_FALSE(tempo_map(music).has_value());
  music.beats = write("beats.txt", "1\t1\ta\n3\t3\tb\n");
  EXPECT_EQ(tempo_map(music)->time_of_beat(beat(2)), RationalTime(3, 1));
  music.bpm = RationalTime(60, 1);
  EXPECT_EQ(tempo_map(music)->time_of_beat(beat(2)), RationalTime(1, 1));
}

TEST_F(TempoFileTest, SaysWhyALabelFileCannotBeRead) {
  const auto kind_of = [](const std::filesystem::path& file) {
    try {
      read_beat_labels(file);
    } catch (const SceneError& error) {
      return static_cast<int>(error.kind());
    }
    return -1;
  };
  EXPECT_EQ(kind_of(folder_ / "none.txt"), static_cast<int>(SceneError::Kind::missing));
  EXPECT_EQ(kind_of(folder_), static_cast<int>(SceneError::Kind::unreadable));
  EXPECT_EQ(kind_of(write("big.txt", std::string(5 << 20, '1'))),
            static_cast<int>(SceneError::Kind::invalid));
}

}  // namespace
}  // namespace latentreel::scenes
