#include "scenes/time_text.h"

#include <gtest/gtest.h>

#include "scenes/scene_error.h"

namespace latentreel::scenes {
namespace {

TimeContext with_tempo() {
  return {.fps = {24, 1}, .tempo = TempoMap::even({120, 1}, {37, 100}, 4), .song_from = {}};
}

std::string error_of(std::string_view text, const TimeContext& context) {
  try {
    parse_time(text, context);
    return {};
  } catch (const SceneError& error) {
    return error.what();
  }
}

TEST(ParseTimeTest, ReadsEveryForm) {
  const TimeContext context = with_tempo();
  EXPECT_EQ(parse_time("12.5", context), RationalTime(25, 2));
  EXPECT_EQ(parse_time("12.5s", context), RationalTime(25, 2));
  EXPECT_EQ(parse_time("12.5 s", context), RationalTime(25, 2));
  EXPECT_EQ(parse_time("  0s ", context), RationalTime());
  EXPECT_EQ(parse_time("377/118s", context), RationalTime(377, 118));
  EXPECT_EQ(parse_time("frame 96", context), RationalTime(4, 1));
  EXPECT_EQ(parse_time("00:01:12.500", context), RationalTime(145, 2));
  EXPECT_EQ(parse_time("1:12.5", context), RationalTime(145, 2));
  EXPECT_EQ(parse_time("2:00:00", context), RationalTime(7200, 1));
  EXPECT_EQ(parse_time("beat 33", context), RationalTime(1637, 100));
  EXPECT_EQ(parse_time("beat 33.5", context), RationalTime(1662, 100));
  EXPECT_EQ(parse_time("bar 9", context), RationalTime(1637, 100));
  EXPECT_EQ(parse_time("bar  9  beat 3", context), RationalTime(1737, 100));
}

TEST(ParseTimeTest, PutsFramesExactlyOnFrames) {
  const TimeContext context{.fps = {30000, 1001}, .tempo = {}, .song_from = {}};
  for (std::int64_t i = 0; i < 5000; i += 3) {
    const RationalTime time = parse_time("frame " + std::to_string(i), context);
    EXPECT_EQ(nearest_frame(time, context.fps), i);
    EXPECT_EQ(time, RationalTime(i * 1001, 30000));
  }
}

TEST(ParseTimeTest, TakesBeatsFromTheSongAndSecondsFromTheFilm) {
  TimeContext context = with_tempo();
  context.song_from = {10, 1};
  EXPECT_EQ(parse_time("beat 33", context), RationalTime(637, 100));
  EXPECT_EQ(parse_time("bar 9", context), RationalTime(637, 100));
  EXPECT_EQ(parse_time("6.37s", context), RationalTime(637, 100));
}

TEST(ParseTimeTest, SaysWhatIsWrong) {
  const TimeContext context = with_tempo();
  const std::string examples =
      ", write \"12.5s\", \"frame 96\", \"00:01:12.500\", \"beat 33\" or \"bar 9 beat 3\"";
  for (const std::string text : {"soon", "", "12,5s", "1e3", "12m", "frame", "frame 1 2", "bar 9 3",
                                 "1:2:3:4", "1.5:00", "1/0s", "1/2", "beat", "--1", ":", "-:1"}) {
    EXPECT_EQ(error_of(text, context), "\"" + text + "\" is not a time" + examples) << text;
  }
  EXPECT_EQ(error_of("beat 0", context), "\"beat 0\" is not a time, beats count from 1");
  EXPECT_EQ(error_of("bar 0.5", context), "\"bar 0.5\" is not a time, bars count from 1");
  EXPECT_EQ(error_of("frame -1", context), "\"frame -1\" is not a time, frames count from 0");
  EXPECT_EQ(error_of("frame 1.5", context),
            "\"frame 1.5\" is not a time, frames are whole numbers");
  EXPECT_EQ(error_of("bar 9 beat 5", context),
            "\"bar 9 beat 5\" lies outside the bar, a bar has 4 beats (beats_per_bar in [music])");
  EXPECT_EQ(error_of("1:75", context),
            "\"1:75\" is not a time, minutes and seconds after a colon go up to 59");
  EXPECT_EQ(error_of("-1s", context), "the time \"-1s\" lies before 0");
}

TEST(ParseTimeTest, AsksForATempoWhereThereIsNone) {
  const TimeContext context;
  EXPECT_EQ(error_of("bar 9", context),
            "\"bar 9\" needs a tempo, set bpm in [music], or beats to a label file");
  EXPECT_EQ(error_of("beat 33", context),
            "\"beat 33\" needs a tempo, set bpm in [music], or beats to a label file");
}

TEST(ExactTimeTextTest, ReadsBackToTheSameTime) {
  const TimeContext context;
  EXPECT_EQ(exact_time_text({4, 1}), "4s");
  EXPECT_EQ(exact_time_text({37, 100}), "0.37s");
  EXPECT_EQ(exact_time_text({377, 118}), "377/118s");
  for (std::int64_t i = 0; i < 3000; ++i) {
    for (const RationalTime time : {RationalTime(i, 118), RationalTime(i * 1001, 30000),
                                    RationalTime(i, 1'000'000), RationalTime(i, 1 << 20)}) {
      EXPECT_EQ(parse_time(exact_time_text(time), context), time);
    }
  }
}

}  // namespace
}  // namespace latentreel::scenes
