#include "scenes/song_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cmath>
#include <string>

#include "scenes/scene.h"
#include "scenes/scene_error.h"
#include "tests/scenes/midi_bytes.h"
#include "tests/scenes/support.h"

namespace latentreel::scenes {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

RationalTime at(std::int64_t number) {
  return {number, 1};
}

SongMap song_of(std::string_view content) {
  return parse_times(content, "song.txt", 4);
}

std::string song_error(std::string_view content) {
  try {
    song_of(content);
    return {};
  } catch (const SceneError& error) {
    return error.what();
  }
}

std::vector<std::string> marker_names(const SongMap& map) {
  std::vector<std::string> names;
  for (const SongMarker& marker : map.markers) names.push_back(marker.name);
  return names;
}

// --- Labels --------------------------------------------------------------------------------------

TEST(LabelFileTest, ReadsAnAudacityLabelTrack) {
  const SongMap map = song_of(
      "\xEF\xBB\xBF"
      "0.370000\t0.370000\tbeat 1\r\n"
      "\\\t100.0\t200.0\n"
      "0.370000\t8.5\tsection intro\n"
      "0.370000\t0.370000\tbar 1\n"
      "1.370000\t1.370000\n"
      "5\t5\t drop \n"
      "\n"
      "0.870000\t0.870000\tB");
  ASSERT_TRUE(map.tempo.has_value());
  EXPECT_EQ(map.tempo->time_of_beat(at(1)), RationalTime(37, 100));
  EXPECT_EQ(map.tempo->time_of_beat(at(2)), RationalTime(87, 100));
  EXPECT_EQ(map.tempo->time_of_beat(at(3)), RationalTime(137, 100));
  EXPECT_THAT(map.markers, ElementsAre(SongMarker{"intro", {37, 100}, RationalTime(17, 2)},
                                       SongMarker{"drop", at(5), std::nullopt}));
}

TEST(LabelFileTest, ReadsAListOfTimes) {
  const SongMap map = song_of("0.5\n1\n1.75\n");
  ASSERT_TRUE(map.tempo.has_value());
  EXPECT_EQ(map.tempo->time_of_beat(at(4)), RationalTime(5, 2));
  EXPECT_EQ(map.tempo->time_of_bar(at(2)), RationalTime(13, 4));
  EXPECT_FALSE(song_of("0.5\n").tempo.has_value());
  EXPECT_FALSE(song_of("").tempo.has_value());
}

TEST(LabelFileTest, TakesBarsFromLabels) {
  std::string text = "0\t0\t0.4\n";  // a pickup
  int second = 0;
  for (const auto& [bar, beats] : {std::pair(1, 4), {2, 4}, {3, 3}, {4, 3}, {5, 4}, {6, 4}}) {
    for (int beat = 1; beat <= beats; ++beat) {
      ++second;
      text += std::to_string(second) + "\t" + std::to_string(second) + "\t" + std::to_string(bar) +
              "." + std::to_string(beat) + "\n";
    }
  }
  const TempoMap tempo = song_of(text).tempo.value();
  EXPECT_EQ(tempo.time_of_beat(at(1)), at(0));
  EXPECT_EQ(tempo.time_of_bar(at(1)), at(1));
  EXPECT_EQ(tempo.time_of_bar(at(3)), at(9));
  EXPECT_EQ(tempo.time_of_bar(at(4)), at(12));
  EXPECT_EQ(tempo.time_of_bar(at(5)), at(15));
  EXPECT_EQ(tempo.time_of_bar(at(7)), at(23));
  EXPECT_EQ(tempo.beats_in_bar(3), at(3));
}

TEST(LabelFileTest, NamesTheLineThatIsWrong) {
  EXPECT_EQ(song_error("0.5\t0.5\tx\n1,5\t1,5\ty\n2\t1\tz\n"),
            "song.txt:2:1: the label's start is not a number of seconds\n"
            "  1,5 1,5 y\n"
            "  ^ a label is start<TAB>end<TAB>text, in seconds\n"
            "song.txt:3:3: the label's end is not a number of seconds at or after its start\n"
            "  2 1 z\n"
            "    ^ a label is start<TAB>end<TAB>text, in seconds");
  EXPECT_EQ(song_error("0\t0\t1.1\n1\t1\t1.2\n2\t2\t3.1\n"),
            "song.txt:3:1: the label begins bar 3, but bar 2 comes next\n"
            "  2 2 3.1\n"
            "  ^ number the bars anew, or call each of them \"bar\"");
}

TEST(LabelFileTest, StopsComplainingSoon) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "x\n";
  EXPECT_LT(song_error(text).size(), 5000U);
}

// --- Reaper --------------------------------------------------------------------------------------

TEST(ReaperProjectTest, ReadsTempoMarkersAndRegions) {
  const SongMap map = song_of(
      "<REAPER_PROJECT 0.1 \"6.80/x64\" 1700000000\r\n"
      "  TEMPO 120 4 4\r\n"
      "  MARKER 1 8.5 \"the drop\" 0 0 1 B {X} 0\r\n"
      "  MARKER 2 2 Chorus 1\r\n"
      "  MARKER 2 4 \"\" 1\r\n"
      "  MARKER 3 6 \"\" 0\r\n"
      "  MARKER 4 10 'a \"b\"' 1\r\n"
      "  <TRACK {Y}\r\n"
      "    PT 0 999 1\r\n"
      "    TEMPO 1 1 1\r\n"
      "  >\r\n"
      ">\r\n"
      "what comes behind is of no concern");
  EXPECT_EQ(map.tempo->time_of_bar(at(3)), at(4));
  EXPECT_THAT(map.markers, ElementsAre(SongMarker{"Chorus", at(2), at(4)},
                                       SongMarker{"the drop", {17, 2}, std::nullopt},
                                       SongMarker{"a \"b\"", at(10), std::nullopt}));
}

TEST(ReaperProjectTest, FollowsChangesOfTempoAndSignature) {
  // Two bars of 4/4 at 120, then 3/4 at 90, then 6/8 at 120 quarters: eighths of 1/4 s.
  const SongMap map = song_of(
      "<REAPER_PROJECT 0.1\n TEMPO 60 4 4\n <TEMPOENVEX\n  ACT 0 -1\n"
      "  PT 0.000000000000 120.0000000000 1 262148 0 1\n"
      "  PT 4.000000000000 90.0000000000 1 262147\n"
      "  PT 7.999999999999 120 1 524294\n"
      " >\n>\n");
  const TempoMap& tempo = map.tempo.value();
  EXPECT_EQ(tempo.time_of_bar(at(2)), at(2));
  EXPECT_EQ(tempo.time_of_bar(at(3)), at(4));
  EXPECT_EQ(tempo.time_of_bar(at(4)), at(6));
  EXPECT_EQ(tempo.time_of_bar(at(5)), at(8));
  EXPECT_EQ(tempo.beats_in_bar(5), at(6));
  EXPECT_EQ(tempo.time_of_bar(at(6)), RationalTime(19, 2));
}

TEST(ReaperProjectTest, GlidesBetweenTempos) {
  // From 60 to 120 in 10 s: 15 beats; after t seconds t + t * t / 20.
  const TempoMap tempo =
      song_of("<REAPER_PROJECT\n<TEMPOENVEX\nPT 0 60 0\nPT 10 120 1\n>\n>\n").tempo.value();
  EXPECT_EQ(tempo.time_of_beat(at(16)), at(10));
  EXPECT_EQ(tempo.time_of_beat(at(18)), at(11));
  for (int n = 1; n < 15; ++n) {
    const double expected = -10 + std::sqrt(100.0 + 20.0 * n);
    EXPECT_NEAR(tempo.time_of_beat(at(n + 1)).to_seconds(), expected, 1e-6) << n;
  }
}

TEST(ReaperProjectTest, SaysWhatIsWrong) {
  EXPECT_EQ(song_error("<REAPER_PROJECT 0.1\n  TEMPO 0 4 5\n  MARKER x soon a 0\n>\n"),
            "song.txt:2:9: expected a tempo, above 0 and up to 1000\n"
            "    TEMPO 0 4 5\n"
            "          ^\n"
            "song.txt:2:11: expected a time signature such as 4 4 or 6 8\n"
            "    TEMPO 0 4 5\n"
            "            ^\n"
            "song.txt:3:10: expected the marker's number\n"
            "    MARKER x soon a 0\n"
            "           ^\n"
            "song.txt:3:12: expected a time in seconds\n"
            "    MARKER x soon a 0\n"
            "             ^");
  EXPECT_THAT(song_error("<REAPER_PROJECT\n<TRACK\n>\n"),
              HasSubstr("song.txt:3:1: the project ends before its last \">\""));
  EXPECT_THAT(song_error("<REAPER_PROJECT\n<TEMPOENVEX\nPT 4 120 1\nPT 3 120 1\n>\n>\n"),
              HasSubstr("song.txt:4:4: a tempo point before the one above it"));
  EXPECT_THAT(song_error("<REAPER_PROJECT\n<TEMPOENVEX\nPT 0 1000 0\nPT 999999999 1 1\n>\n>\n"),
              HasSubstr("the project has more than 1000000 beats"));
}

// --- MIDI ----------------------------------------------------------------------------------------

TEST(MidiFileTest, FollowsTempoSignatureAndMarkers) {
  // Two bars of 4/4 at 120, then 6/8 at a quarter a second; markers in another track.
  const std::string conductor = midi_signature(0, 4, 2) + midi_tempo(0, 500'000) +
                                midi_signature(8 * 480, 6, 3) + midi_tempo(0, 1'000'000);
  const std::string notes = std::string("\x00\x90\x40\x40", 4) + std::string("\x60\x40\x00", 3) +
                            midi_meta(480 - 0x60, 0x06, "Verse") +
                            std::string("\x00\xF0\x02\x01\xF7", 5) +
                            midi_meta(7 * 480, 0x07, " drop ") + midi_meta(0, 0x01, "a text") +
                            std::string("\x00\xC0\x01", 3) + midi_meta(480, 0x06, "");
  const SongMap map = song_of(midi_header(1, 2, 480) + midi_chunk("Xtra", "skipped") +
                              midi_track(conductor) + midi_track(notes));
  const TempoMap& tempo = map.tempo.value();
  EXPECT_EQ(tempo.time_of_bar(at(2)), at(2));
  EXPECT_EQ(tempo.time_of_bar(at(3)), at(4));
  EXPECT_EQ(tempo.time_of_bar(at(3), at(2)), RationalTime(9, 2));
  EXPECT_EQ(tempo.time_of_bar(at(4)), at(7));
  EXPECT_THAT(map.markers, ElementsAre(SongMarker{"Verse", {1, 2}, std::nullopt},
                                       SongMarker{"drop", at(4), std::nullopt}));
}

TEST(MidiFileTest, IsExactOverAThousandChanges) {
  std::string events;
  RationalTime time;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    const std::uint32_t microseconds = 400'000 + 7 * i;
    events += midi_tempo(i == 0 ? 0 : 961, microseconds);
    time = time + RationalTime(961, 960) * RationalTime(microseconds, 1'000'000);
  }
  const TempoMap tempo = song_of(midi_header(0, 1, 960) + midi_track(events)).tempo.value();
  EXPECT_EQ(tempo.time_of_beat(at(1) + at(1000) * RationalTime(961, 960)), time);
}

TEST(MidiFileTest, CountsInTimeCode) {
  // 25 frames of 40 ticks: a tick is a millisecond, whatever the tempo.
  const SongMap map = song_of(midi_header(0, 1, 0xE728) +
                              midi_track(midi_tempo(0, 500'000) + midi_meta(1500, 6, "a") +
                                         midi_tempo(500, 250'000) + midi_meta(1000, 6, "b")));
  EXPECT_THAT(map.markers, ElementsAre(SongMarker{"a", {3, 2}, std::nullopt},
                                       SongMarker{"b", at(3), std::nullopt}));
  EXPECT_EQ(map.tempo->time_of_beat(at(5)), at(2));
  EXPECT_EQ(map.tempo->time_of_beat(at(9)), at(3));
}

TEST(MidiFileTest, NamesTheByteThatIsWrong) {
  const std::string header = midi_header(0, 1, 480);
  const auto says = [&](const std::string& file, const std::string& what) {
    EXPECT_EQ(song_error(file), "song.txt: " + what + ", export the MIDI file again");
  };
  says(header, "at byte 14: 1 of 1 tracks are missing");
  says(header.substr(0, 10), "at byte 8: the file is cut short");
  says(midi_header(2, 1, 480), "at byte 10: the file holds several songs (format 2)");
  says(midi_header(0, 1, 0), "at byte 14: 0 ticks a quarter note");
  says(midi_header(0, 1, 0xF028), "at byte 14: the unknown time code 16 with 40 ticks a frame");
  says(header + "MTrk" + big_endian(1000, 4), "at byte 22: the file is cut short");
  says(header + midi_chunk("MTrk", std::string("\x00\xFF\x51", 3)),
       "at byte 25: the data reaches beyond its chunk");
  says(header + midi_chunk("MTrk", std::string("\x00\x40", 2)),
       "at byte 24: data without an event");
  says(header + midi_chunk("MTrk", "\x81\x81\x81\x81\x01"),
       "at byte 26: a number of more than four bytes");
  says(header + midi_chunk("MTrk", std::string("\x00\xF4", 2)),
       "at byte 24: the unknown event 0xF4");
  says(header + midi_track(midi_meta(0, 0x51, "ab")), "at byte 28: a tempo of not three bytes");
  EXPECT_THAT(song_error(header + midi_track(midi_tempo(0, 0))),
              HasSubstr("a tempo of 0 microseconds a quarter note"));
  EXPECT_THAT(song_error(header + midi_track(midi_signature(0, 4, 9))),
              HasSubstr("the time signature 4/2^9"));
  EXPECT_THAT(song_error(midi_header(0, 1, 1) + midi_track(midi_tempo(0x0FFFFFFF, 1))),
              HasSubstr("more than 1000000 beats"));
}

// --- Any of them ---------------------------------------------------------------------------------

TEST(SongFileTest, RefusesWhatOtherProgramsPack) {
  EXPECT_THAT(song_error("\x1F\x8B\x08"), HasSubstr("packed, as projects of Ableton Live are"));
  EXPECT_THAT(song_error(std::string("RIFF\0\0", 6)), HasSubstr("neither a text nor a MIDI file"));
}

TEST(SongFileTest, LimitsMarkers) {
  std::string text;
  for (std::size_t i = 0; i <= kMaxMarkers; ++i) text += "1\t1\tname\n";
  EXPECT_THAT(song_error(text), HasSubstr("more than 10000 sections and markers"));
}

using SongFilesTest = FolderTest;

TEST_F(SongFilesTest, TypedTempoWinsOverTheBeatsFile) {
  MusicOptions music;
  EXPECT_FALSE(tempo_map(music).has_value());
  music.beats = write("beats.txt", "1\t1\t\n3\t3\t\n0\t8\tintro\n");
  EXPECT_EQ(tempo_map(music)->time_of_beat(at(2)), at(3));
  EXPECT_THAT(marker_names(read_song_map(music)), ElementsAre("intro"));
  music.bpm = RationalTime(60, 1);
  EXPECT_EQ(tempo_map(music)->time_of_beat(at(2)), at(1));
  EXPECT_THAT(marker_names(read_song_map(music)), ElementsAre("intro"));
  music.sections = write("sections.txt", "2\t4\tverse\n3\t3\t\n");
  EXPECT_THAT(marker_names(read_song_map(music)), ElementsAre("verse"));
}

TEST_F(SongFilesTest, WantsBeatsInABeatsFileAndNamesInASectionsFile) {
  const auto error_of = [](const MusicOptions& music) {
    try {
      read_song_map(music);
    } catch (const SceneError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  MusicOptions music;
  music.beats = write("beats.txt", "1\t1\ta\n3\t3\tb\n");
  EXPECT_THAT(error_of(music), HasSubstr("beats.txt: the file has fewer than two beats"));
  music.sections = write("sections.txt", "1\t1\t\n3\t3\t\n");
  EXPECT_THAT(error_of(music), HasSubstr("sections.txt: the file has no sections or markers"));
}

TEST_F(SongFilesTest, SaysWhyAFileCannotBeRead) {
  const auto kind_of = [](const std::filesystem::path& file) {
    try {
      read_times(file, 4);
    } catch (const SceneError& error) {
      return static_cast<int>(error.kind());
    }
    return -1;
  };
  EXPECT_EQ(kind_of(folder_ / "none.txt"), static_cast<int>(SceneError::Kind::missing));
  EXPECT_EQ(kind_of(folder_), static_cast<int>(SceneError::Kind::unreadable));
  EXPECT_EQ(kind_of(write("big.txt", std::string(5 << 20, '1'))),
            static_cast<int>(SceneError::Kind::invalid));
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(kind_of(folder_ / "pipe"), static_cast<int>(SceneError::Kind::unreadable));
}

TEST_F(SongFilesTest, ReadsALargeReaperProject) {
  const std::string line = "    " + std::string(1020, 'A') + "\n";
  std::string text = "<REAPER_PROJECT\n  TEMPO 60 4 4\n  <TRACK\n";
  while (text.size() < (5U << 20)) text += line;
  EXPECT_EQ(read_times(write("song.rpp", text + "  >\n>\n"), 4).tempo->time_of_beat(at(3)), at(2));
}

TEST_F(SongFilesTest, LeavesSubtitlesToTheirReader) {
  const auto file = write("song.srt", "1\n00:00:01,000 --> 00:00:02,000\nhello\n");
  EXPECT_THROW(read_lyrics(file), SceneError);
  const auto lyrics = read_lyrics(file, [&](const std::filesystem::path& path) {
    EXPECT_EQ(path, file);
    return std::vector<LyricLine>{{.text = "hello", .start = {1, 1}}};
  });
  EXPECT_EQ(lyrics.size(), 1U);
  EXPECT_EQ(read_lyrics(write("song.lrc", "[00:01]hello\n")).front().text, "hello");
}

}  // namespace
}  // namespace latentreel::scenes
