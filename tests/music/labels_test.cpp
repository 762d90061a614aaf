#include "src/music/labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenes/scene_reader.h"
#include "scenes/song_map.h"
#include "scenes/tempo_map.h"
#include "src/music/page.h"
#include "tests/pages/html.h"
#include "tests/temporary_folder.h"

namespace latentreel::music {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

SongAnalysis waltz() {
  SongAnalysis song{.seconds = 12.5, .beats_per_bar = 3};
  for (int n = 0; n < 24; ++n) song.beats.push_back(0.37 + 0.5 * n);
  song.tempo = EvenTempo{.bpm = 120, .bpm_error = 0.002, .offset = 0.37};
  song.slowest = song.fastest = 120;
  song.confidence = 0.9;
  song.sections = {{0, 4.87, 0}, {4.87, 9.37, 1}, {9.37, 12.5, 0}};
  song.peaks.assign(1250, 0.5f);
  return song;
}

SongAnalysis unsteady() {
  auto song = waltz();
  song.tempo.reset();
  song.slowest = 100;
  song.fastest = 130.04;
  return song;
}

SongAnalysis beatless() {
  return {.seconds = 12.5, .confidence = 0.1, .sections = {{0, 12.5, 0}}, .peaks = {0.5f}};
}

TEST(LabelTrack, HasBeatsAndSections) {
  const auto text = label_track(waltz());
  EXPECT_THAT(text, HasSubstr("0.370000\t0.370000\t1.1\n0.870000\t0.870000\t1.2\n"));
  EXPECT_THAT(text, HasSubstr("1.870000\t1.870000\t2.1\n"));
  EXPECT_THAT(text, HasSubstr("4.870000\t9.370000\tsection B\n9.370000\t12.500000\tsection A\n"));
}

TEST(LabelTrack, IsReadAsTheSameBeatsAndBars) {
  const auto map = scenes::parse_times(label_track(waltz()), "song.beats.txt", 4);
  ASSERT_TRUE(map.tempo);
  EXPECT_EQ(map.tempo->time_of_bar({2, 1}), scenes::RationalTime(187, 100));  // 3 beats later
  ASSERT_EQ(map.markers.size(), waltz().sections.size());
  EXPECT_EQ(map.markers[1].name, "B");
}

TEST(LabelTrack, KnowsNoTimeBeforeTheSong) {
  auto song = waltz();
  song.beats.front() = -0.01;
  EXPECT_THAT(label_track(song), ::testing::StartsWith("0.000000\t0.000000\t1.1\n"));
}

TEST(SectionName, HasOneLetterForEachKind) {
  EXPECT_EQ(section_name({.kind = 0}), "A");
  EXPECT_EQ(section_name({.kind = 25}), "Z");
  EXPECT_EQ(section_name({.kind = 27}), "B1");
}

TEST(Describe, TellsWhatWasFound) {
  EXPECT_EQ(describe(waltz()),
            "  length      12.5 s\n"
            "  tempo       120 beats a minute, the same throughout (by least squares, ± 0.002)\n"
            "  first bar   at 0.37 s, taken as 3 beats a bar, 24 beats\n"
            "  confidence  0.90: sure\n"
            "  sections    A at 0:00, B at 0:04, A at 0:09\n");
  EXPECT_THAT(describe(unsteady()), HasSubstr("100.0 to 130.0 beats a minute: it changes"));
  EXPECT_THAT(describe(beatless()), HasSubstr("no steady beat found"));
  EXPECT_THAT(describe(beatless()), Not(HasSubstr("first bar")));
}

// The tempo of a scene with these lines, read with the files that they name.
std::optional<scenes::TempoMap> tempo_of(const SongAnalysis& song) {
  const TemporaryFolder folder;
  folder.write("my \"song\".wav", "");
  folder.write("song.beats.txt", label_track(song));
  const auto scene =
      folder.write("scene.toml", music_lines(song, "my \"song\".wav", "song.beats.txt") +
                                     "[[keyframe]]\nat = \"0s\"\nprompt = \"a\"\n");
  return scenes::tempo_map(scenes::read_scene(scene).music);
}

TEST(MusicLines, AreWhatASceneReads) {
  const auto even = tempo_of(waltz()).value();
  EXPECT_EQ(even.time_of_bar({3, 1}), scenes::RationalTime(337, 100));
  EXPECT_EQ(even.beats_in_bar(1), scenes::RationalTime(3, 1));
  const auto listed = tempo_of(unsteady()).value();
  EXPECT_EQ(listed.time_of_bar({3, 1}), scenes::RationalTime(337, 100));
  EXPECT_FALSE(tempo_of(beatless()));
}

TEST(Page, IsWholeAndNeedsNothingElse) {
  scenes::Signal signal{.values = std::vector<float>(1250, 0.25f)};
  const std::vector<NamedSignal> signals = {{"rms", signal}, {"low", signal}};
  for (const auto& song : {waltz(), unsteady(), beatless()}) {
    const auto html = page(song, "a <song> & more.wav", signals);
    EXPECT_EQ(report::testing::tag_mistake(html), "");
    EXPECT_THAT(html, HasSubstr("a &lt;song&gt; &amp; more.wav"));
    EXPECT_THAT(html, Not(HasSubstr("://")));
    EXPECT_THAT(html, HasSubstr(">low</text>"));
  }
  const auto html = page(waltz(), "song", {});
  EXPECT_EQ(report::testing::count_of(html, "class=\"mark\""), 24u);
  EXPECT_EQ(report::testing::count_of(html, "class=\"hold\""), 8u);
  EXPECT_THAT(page(beatless(), "song", {}), HasSubstr("No steady beat was found"));
}

}  // namespace
}  // namespace latentreel::music
