#include "scenes/time_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "scenes/scene_error.h"
#include "scenes/song_map.h"

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
  EXPECT_EQ(
      error_of("bar 9 beat 5", context),
      "\"bar 9 beat 5\" lies outside the bar, it has 4 beats (beats_per_bar in [music], or the "
      "beats file, says so)");
  EXPECT_EQ(error_of("1:75", context),
            "\"1:75\" is not a time, minutes and seconds after a colon go up to 59");
  EXPECT_EQ(error_of("-1s", context), "the time \"-1s\" lies before 0");
}

TEST(ParseTimeTest, AsksForATempoWhereThereIsNone) {
  const TimeContext context;
  EXPECT_EQ(
      error_of("bar 9", context),
      "\"bar 9\" needs a tempo, set bpm in [music], or beats to a label, Reaper or MIDI file");
  EXPECT_EQ(
      error_of("beat 33", context),
      "\"beat 33\" needs a tempo, set bpm in [music], or beats to a label, Reaper or MIDI file");
}

// A song of 120 beats a minute, whose beat 1 sounds at 0.37 s.
TimeContext with_names() {
  SongMap song{.tempo = TempoMap::even({120, 1}, {37, 100}, 4)};
  song.markers = {{"Intro", {}, RationalTime(8, 1)},
                  {"Chorus", {8, 1}, RationalTime(16, 1)},
                  {"pre-chorus", {18, 1}},
                  {"CHORUS", {20, 1}},
                  {"bar 9", {21, 1}},
                  {"beat drop", {22, 1}},
                  {"A'", {23, 1}},
                  {"A", {24, 1}},
                  {"\u00C9t\u00E9", {25, 1}},
                  {"two - 2 beats", {26, 1}}};
  song.lyrics = {{.text = "Let it be,  let it be", .start = {9, 1}},
                 {.text = "Don't stop \u2014 now", .start = {10, 1}},
                 {.text = "let it be!", .start = {21, 1}},
                 {.text = "let 2 go", .start = {22, 1}}};
  TimeContext context{.fps = {24, 1}, .tempo = {}, .song_from = {}};
  add_song(song, context);
  return context;
}

TEST(ParseTimeTest, FindsSectionsByName) {
  const TimeContext context = with_names();
  EXPECT_EQ(parse_time("intro", context), RationalTime());
  EXPECT_EQ(parse_time(" chorus ", context), RationalTime(8, 1));
  EXPECT_EQ(parse_time("section chorus", context), RationalTime(8, 1));
  EXPECT_EQ(parse_time("Chorus  2", context), RationalTime(20, 1));
  EXPECT_EQ(parse_time("pre-chorus", context), RationalTime(18, 1));
  EXPECT_EQ(parse_time("a'", context), RationalTime(23, 1));
  EXPECT_EQ(parse_time("a", context), RationalTime(24, 1));
  EXPECT_EQ(parse_time("\u00E9T\u00C9", context), RationalTime(25, 1));
  EXPECT_EQ(parse_time("beat drop", context), RationalTime(22, 1));
  EXPECT_EQ(parse_time("bar 9", context), RationalTime(1637, 100));  // plain times win
  EXPECT_EQ(parse_time("two - 2 beats", context), RationalTime(26, 1));
}

TEST(ParseTimeTest, FindsLyrics) {
  const TimeContext context = with_names();
  EXPECT_EQ(parse_time("lyric \"let it be\"", context), RationalTime(9, 1));
  EXPECT_EQ(parse_time("lyric \"Let it ...\" 2", context), RationalTime(21, 1));
  EXPECT_EQ(parse_time("lyric let it be", context), RationalTime(9, 1));
  EXPECT_EQ(parse_time("lyric let it 2", context), RationalTime(21, 1));
  EXPECT_EQ(parse_time("lyric let 2", context), RationalTime(22, 1));
  EXPECT_EQ(parse_time("lyric 'dont stop now'", context), RationalTime(10, 1));
  EXPECT_EQ(parse_time("lyric \u201CDon\u2019t stop\u201D + 1 beat", context), RationalTime(21, 2));
}

TEST(ParseTimeTest, AddsAndSubtracts) {
  TimeContext context = with_names();
  EXPECT_EQ(parse_time("bar 9 + 2 beats", context), RationalTime(1737, 100));
  EXPECT_EQ(parse_time("bar 9 + 1 bar", context), parse_time("bar 10", context));
  EXPECT_EQ(parse_time("bar 9 beat 3 - 2 bars", context), parse_time("bar 7 beat 3", context));
  EXPECT_EQ(parse_time("bar 9 + 0.5 bars", context), parse_time("bar 9 beat 3", context));
  EXPECT_EQ(parse_time("chorus - 0.5s", context), RationalTime(15, 2));
  EXPECT_EQ(parse_time("chorus 2 + 1/3 s", context), RationalTime(61, 3));
  EXPECT_EQ(parse_time("0:04 + 12 frames - 1 frame", context), RationalTime(107, 24));
  EXPECT_EQ(parse_time("chorus - 0.5s + 1 beat", context), parse_time("chorus", context));
  EXPECT_EQ(parse_time("intro - 1 bar", context), RationalTime(-2, 1));
  context.song_from = {10, 1};
  EXPECT_EQ(parse_time("chorus 2 + 1 beat", context), RationalTime(21, 2));
  EXPECT_EQ(parse_time("4s + 1 beat", context), RationalTime(9, 2));
}

TEST(ParseTimeTest, KeepsTheBeatWhereBarsChange) {
  const TimeContext context{
      .fps = {},
      .tempo = TempoMap::from_points({{{1, 1}, {}}}, {1, 1}, {1, 1},
                                     {{{1, 1}, 1, 4}, {{5, 1}, 2, 3}, {{8, 1}, 3, 4}}),
      .song_from = {}};
  EXPECT_EQ(parse_time("bar 1 beat 3 + 1 bar", context), parse_time("bar 2 beat 3", context));
  EXPECT_EQ(parse_time("bar 1 beat 3 + 2 bars", context), parse_time("bar 3 beat 3", context));
  EXPECT_EQ(error_of("bar 2 beat 4", context),
            "\"bar 2 beat 4\" lies outside the bar, it has 3 beats (beats_per_bar in [music], or "
            "the beats file, says so)");
}

TEST(ParseTimeTest, SaysWhichNamesThereAre) {
  const TimeContext context = with_names();
  EXPECT_EQ(error_of("chrous", context),
            "\"chrous\" is neither a time nor a place in the song, did you mean \"Chorus\"?");
  EXPECT_EQ(error_of("chorus 3", context),
            "\"chorus 3\" is not in the song, \"chorus\" comes 2 times");
  EXPECT_EQ(error_of("xylophonic + 2 beats", context),
            "\"xylophonic\" is neither a time nor a place in the song, the song has Intro, Chorus, "
            "pre-chorus, bar 9, beat drop, A', A, \u00C9t\u00E9 and two - 2 beats");
  EXPECT_EQ(error_of("12,5s", context), error_of("12,5s", with_tempo()));
  EXPECT_EQ(error_of("lyric lat it be", context),
            "no line of the lyrics begins with \"lat it be\", did you mean \"let it be\"?");
  EXPECT_EQ(error_of("lyric \"let it be\" 3", context),
            "no such line of the lyrics begins with \"let it be\", lines begin so 2 times");
  EXPECT_EQ(error_of("lyric let it be", with_tempo()),
            "\"lyric let it be\" needs lyrics, set lyrics in [music] to a file of timed lyrics "
            "(.lrc, .srt, .ass, .vtt)");
  EXPECT_EQ(error_of("beat x", context), "\"beat x\" is not a time, beats count from 1");
}

TEST(ParseTimeTest, StaysShallowInLongTexts) {
  std::string text = "1s";
  while (text.size() < 200'000) text += " + 1s";
  EXPECT_THAT(error_of(text, with_names()), testing::HasSubstr("is not a time"));
}

TEST(IsMusicalTest, TellsPlacesInTheMusicFromTimes) {
  for (const auto* text : {"beat 3", "bar 9", "chorus", "lyric x", "4s + 2 beats", "chorus - 1s"}) {
    EXPECT_TRUE(is_musical(text)) << text;
  }
  for (const auto* text : {"4s", "frame 3", "frame 3 + 1 frame", "1:30", "12,5s", "", "4s - 1s"}) {
    EXPECT_FALSE(is_musical(text)) << text;
  }
}

TEST(MistakeInAnySongTest, LeavesNamesAndTempoToTheScene) {
  for (const auto* text : {"bar 9 beat 77", "bar 5000.123456", "noon", "beat drop",
                           "chorus 2 - 0.5s", "lyric a", "4s"}) {
    EXPECT_EQ(mistake_in_any_song(text), "") << text;
  }
  for (const auto* text : {"12,5s", "beat 0", "bar 0 + 1 bar", "frame 1.5", "1:75",
                           "1/9223372036854775807s + 0.000001s", ""}) {
    EXPECT_NE(mistake_in_any_song(text), "") << text;
  }
}

TEST(ParseTimeTest, FindsTheFrameOfABeatAtAnyRate) {
  // A metronome of ten minutes; each frame must be the nearest to the beat, computed from its
  // number.
  for (const FrameRate fps : {FrameRate{24000, 1001}, {24, 1}, {25, 1}, {30, 1}, {60, 1}}) {
    for (const std::int64_t thousandths : {61'803, 120'000, 173'999}) {
      const TimeContext context{
          .fps = fps, .tempo = TempoMap::even({thousandths, 1000}, {37, 100}), .song_from = {}};
      const std::int64_t beats = thousandths * 10 / 1000;
      for (std::int64_t n = 1; n <= beats; ++n) {
        const auto time = parse_time("beat " + std::to_string(n), context);
        const long double exact = 0.37L + static_cast<long double>(n - 1) * 60'000 / thousandths;
        const long double frame = nearest_frame(time, fps);
        const long double shown = frame * fps.denominator / fps.numerator;
        ASSERT_LE(std::abs(shown - exact), 0.5L * fps.denominator / fps.numerator + 1e-12L) << n;
      }
    }
  }
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
