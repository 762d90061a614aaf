// What the files that [music] names do to a scene.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenes/scene_reader.h"
#include "scenes/scene_text.h"
#include "scenes/song_map.h"
#include "scenes/time_text.h"
#include "tests/scenes/midi_bytes.h"
#include "tests/scenes/support.h"

namespace latentreel::scenes {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string keyframe_at(const std::string& at) {
  return "[[keyframe]]\nat = '" + at + "'\nprompt = \"a\"\n";
}

class SongTimesTest : public FolderTest {
 protected:
  Scene read(const std::string& text) const {
    return parse_scene(text, folder_ / "film.toml", {}, subtitles_);
  }

  std::string mistakes(const std::string& text) const {
    try {
      read(text);
      return {};
    } catch (const SceneError& error) {
      return error.what();
    }
  }

  std::vector<RationalTime> times_of(const std::string& text) const {
    std::vector<RationalTime> times;
    for (const Keyframe& keyframe : read(text).keyframes) times.push_back(keyframe.at);
    return times;
  }

  SubtitleReader subtitles_;
};

TEST_F(SongTimesTest, SectionsAndLyricsPlaceKeyframes) {
  write("song.flac", "");
  write("beats.txt", "1\t1\t\n1.5\t1.5\t\n4\t8\tverse\n8\t12\tchorus\n16\t20\tchorus\n");
  write("song.lrc", "[00:05.25]Let it be\n");
  const std::string music =
      "[music]\nfile = \"song.flac\"\nbeats = \"beats.txt\"\nlyrics = \"song.lrc\"\n"
      "from = \"verse\"\nto = \"chorus 2 + 2 beats\"\n";
  EXPECT_THAT(
      times_of(music + keyframe_at("verse") + keyframe_at("lyric \"let it\"") +
               keyframe_at("chorus - 0.5s") + keyframe_at("bar 8")),
      ElementsAre(RationalTime(), RationalTime(5, 4), RationalTime(7, 2), RationalTime(11, 1)));
  EXPECT_EQ(read(music + keyframe_at("verse")).music.to, RationalTime(17, 1));
}

TEST_F(SongTimesTest, NamesThatBeginWithADigitCanBeSaid) {
  write("marks.txt",
        "1\t1\t808 drop\n2\t2\t2nd verse\n3\t3\t2 bars\n4\t4\t2 bars\n5\t5\tframe 6\n");
  const std::string music = "[music]\nbpm = 60\nsections = \"marks.txt\"\n";
  EXPECT_THAT(times_of(music + keyframe_at("808 drop") + keyframe_at("2nd verse") +
                       keyframe_at("\"2 bars\"") + keyframe_at("\"2 bars\" 2") +
                       keyframe_at("\"frame 6\" + 1 beat")),
              ElementsAre(RationalTime(1, 1), RationalTime(2, 1), RationalTime(3, 1),
                          RationalTime(4, 1), RationalTime(6, 1)));
  EXPECT_THAT(times_of(music + keyframe_at("frame 6")), ElementsAre(RationalTime(1, 4)))
      << "as it always was";
  EXPECT_THAT(mistakes(music + keyframe_at("3rd verse")),
              HasSubstr("at: \"3rd verse\" is neither a time nor a place in the song"));
  EXPECT_THAT(mistakes(music + keyframe_at("\"2 bars\" 3")), HasSubstr("\"2 bars\" comes 2 times"));
}

TEST_F(SongTimesTest, WhatNoSongCouldSayIsKnownWithoutIt) {
  for (const auto* text : {"808 drop", "2nd verse", "\"808\"", "'4' 2", "2nd verse + 1 bar"}) {
    EXPECT_EQ(mistake_in_any_song(text), "") << text;
  }
  for (const auto* text : {"2 bars", "808x", "12..5"}) {
    EXPECT_NE(mistake_in_any_song(text), "") << text;
  }
  EXPECT_TRUE(is_musical("\"808\""));
  EXPECT_FALSE(is_musical("2 beats"));
}

TEST_F(SongTimesTest, ASectionsFileStandsForThoseOfTheBeatsFile) {
  write("beats.mid",
        midi_header(0, 1, 480) + midi_track(midi_tempo(0, 500'000) + midi_meta(480, 6, "here")));
  write("song.rpp", "<REAPER_PROJECT\n MARKER 1 3 there\n>\n");
  EXPECT_THAT(
      times_of("[music]\nbeats = \"beats.mid\"\n" + keyframe_at("here") + keyframe_at("bar 2")),
      ElementsAre(RationalTime(1, 2), RationalTime(2, 1)));
  const std::string both = "[music]\nbeats = \"beats.mid\"\nsections = \"song.rpp\"\n";
  EXPECT_THAT(times_of(both + keyframe_at("there") + keyframe_at("bar 3")),
              ElementsAre(RationalTime(3, 1), RationalTime(4, 1)));
  EXPECT_THAT(mistakes(both + keyframe_at("here")),
              HasSubstr("at: \"here\" is neither a time nor a place in the song"));
}

TEST_F(SongTimesTest, SubtitlesComeFromTheReaderThatIsGiven) {
  write("song.srt", "1\n00:00:01,000 --> 00:00:02,000\nhello\n");
  const std::string text = "[music]\nlyrics = \"song.srt\"\n" + keyframe_at("lyric hello");
  EXPECT_THAT(mistakes(text), HasSubstr("song.srt: subtitles cannot be read here"));
  subtitles_ = [](const std::filesystem::path&) {
    return std::vector<LyricLine>{{.text = "Hello?", .start = {3, 1}}};
  };
  EXPECT_THAT(times_of(text), ElementsAre(RationalTime(3, 1)));
}

TEST_F(SongTimesTest, TheFilesCannotBeHoldsOrOffsets) {
  write("sections.txt", "4\t8\tverse\n");
  const std::string music = "[music]\nsections = \"sections.txt\"\n";
  EXPECT_THAT(mistakes(music + "[[keyframe]]\nhold = \"verse\"\nprompt = \"a\"\n"),
              HasSubstr("hold: must be a length, not a place in the music"));
  EXPECT_THAT(mistakes(music + "bpm = 120\noffset = \"verse\"\n" + keyframe_at("1s")),
              HasSubstr("offset: expected seconds"));
}

TEST_F(SongTimesTest, HoldsLastBeatsAndBarsAtTheTempoThere) {
  write("song.flac", "");
  // A beat a second until 8 s, two a second from there on; three beats a bar.
  write("beats.txt", "0\n1\n2\n3\n4\n5\n6\n7\n8\n8.5\n9\n9.5\n10\n");
  const auto hold_of = [&](const std::string& at, const std::string& hold) {
    return read(
               "[music]\nfile = \"song.flac\"\nbeats = \"beats.txt\"\nbeats_per_bar = 3\n"
               "from = 1\n[[keyframe]]\nprompt = \"a\"\nat = \"" +
               at + "\"\nhold = \"" + hold + "\"\n")
        .keyframes[0]
        .hold;
  };
  EXPECT_EQ(hold_of("beat 3", "2 beats"), RationalTime(2, 1));
  EXPECT_EQ(hold_of("beat 10", "1 beat"), RationalTime(1, 2));
  EXPECT_EQ(hold_of("beat 8", "2 beats"), RationalTime(3, 2));
  EXPECT_EQ(hold_of("0.25s", "0.5 beats"), RationalTime(1, 2));
  EXPECT_EQ(hold_of("bar 2", "1 bar"), RationalTime(3, 1));
  EXPECT_EQ(hold_of("bar 3", " 1.5 bars "), RationalTime(13, 4)) << "6 s to 9.25 s of the song";
  EXPECT_EQ(hold_of("bar 2 beat 2", "1 bar"), hold_of("bar 2 beat 2", "3 beats"));
  EXPECT_EQ(hold_of("beat 8", "0 beats"), RationalTime());
  EXPECT_EQ(hold_of("beat 8", "frame 12"), RationalTime(1, 2));
}

TEST_F(SongTimesTest, HoldsInBeatsNeedATempoAndANumber) {
  const auto with_hold = [](const std::string& hold) {
    return "[[keyframe]]\nhold = \"" + hold + "\"\nprompt = \"a\"\n";
  };
  EXPECT_THAT(mistakes(with_hold("2 beats")), HasSubstr("hold: \"2 beats\" needs a tempo"));
  const std::string music = "[music]\nbpm = 120\n";
  EXPECT_EQ(mistakes(music + with_hold("2 beats")), "");
  EXPECT_THAT(mistakes(music + with_hold("-2 beats")), HasSubstr("hold: "));
  EXPECT_THAT(mistakes(music + with_hold("two beats")), HasSubstr("hold: "));
  EXPECT_THAT(mistakes(music + with_hold("2 beats 1")), HasSubstr("hold: "));
  EXPECT_THAT(mistakes(music + with_hold("2 beats") + keyframe_at("beat 2")),
              HasSubstr("hold: lasts until 1 s, but the next keyframe is at 0.5 s"));
}

TEST_F(SongTimesTest, OnlyTheFileThatIsWrongIsTold) {
  write("sections.txt", "4\t8\tverse\n");
  write("song.lrc", "no times\n");
  const std::string text =
      "[music]\nsections = \"sections.txt\"\nlyrics = \"song.lrc\"\nbeats = \"none.txt\"\n" +
      keyframe_at("verse") + keyframe_at("lyric no");
  EXPECT_THAT(mistakes(text), HasSubstr("song.lrc:1:1: a line without its time"));
  EXPECT_THAT(mistakes(text), HasSubstr("there is no beats file"));
  EXPECT_THAT(mistakes(text), Not(HasSubstr("at:")));
}

TEST_F(SongTimesTest, TheSceneTextNamesTheFilesAndReadsBack) {
  write("beats.txt", "1\n2\n");
  write("sections.txt", "4\t8\tverse\n");
  write("song.lrc", "[00:05.25]Let it be\n");
  const Scene scene =
      read("[music]\nbeats = \"beats.txt\"\nsections = \"sections.txt\"\nlyrics = \"song.lrc\"\n" +
           keyframe_at("verse"));
  const std::string text = scene_text(scene);
  EXPECT_THAT(text, HasSubstr("beats = \"beats.txt\"\nsections = \"sections.txt\"\n"
                              "lyrics = \"song.lrc\"\n"));
  const Scene again = read(text);
  EXPECT_EQ(again.music.sections, scene.music.sections);
  EXPECT_EQ(again.music.lyrics, scene.music.lyrics);
  EXPECT_EQ(again.keyframes[0].at, scene.keyframes[0].at);
}

TEST_F(SongTimesTest, ContextsTakeWhatCameWithTheScene) {
  write("sections.txt", "4\t8\tverse\n");
  const Scene scene = read("[music]\nsections = \"sections.txt\"\n" + keyframe_at("1s"));
  std::filesystem::remove(folder_ / "sections.txt");
  EXPECT_EQ(parse_time("verse", time_context(scene)), RationalTime(4, 1));
}

}  // namespace
}  // namespace latentreel::scenes
