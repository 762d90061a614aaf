#include "scenes/film_tracks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "scenes/scene.h"
#include "tests/scenes/support.h"

namespace latentreel::scenes {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

RationalTime seconds(std::int64_t whole) {
  return {whole, 1};
}

SongMarker section(const std::string& name, std::int64_t start, std::int64_t end) {
  return {.name = name, .start = seconds(start), .end = seconds(end)};
}

LyricLine line(const std::string& text, RationalTime start, std::optional<RationalTime> end = {}) {
  return {.text = text, .start = start, .end = end, .words = {}};
}

// A film of ten seconds at 24 frames a second.
class FilmTracksTest : public testing::Test {
 protected:
  FilmTracksTest() {
    scene_ = parse_scene(with_keyframe("title = \"Film\"\n[video]\nduration = \"10s\""), "f.toml");
  }

  FilmTracks tracks(std::optional<RationalTime> song = {}) {
    scene_.music.map = std::make_shared<const SongMap>(song_);
    return film_tracks(scene_, Timeline(scene_, song), song);
  }

  Scene scene_;
  SongMap song_;
};

TEST_F(FilmTracksTest, ThereAreNoneWithoutASong) {
  EXPECT_THAT(tracks().chapters, IsEmpty());
  EXPECT_THAT(tracks().lines, IsEmpty());
  scene_.music.map = nullptr;
  EXPECT_THAT(film_tracks(scene_, Timeline(scene_)).chapters, IsEmpty());
  EXPECT_EQ(describe(tracks()), "");
}

TEST_F(FilmTracksTest, ChaptersFollowOneAnotherFromTheBeginningToTheEnd) {
  song_.markers = {
      section("verse", 2, 4), section("chorus", 5, 8), {.name = "drop", .start = {61, 10}}};
  EXPECT_THAT(tracks().chapters,
              ElementsAre(FilmChapter{"Film", {0, 48}}, FilmChapter{"verse", {48, 120}},
                          FilmChapter{"chorus", {120, 146}}, FilmChapter{"drop", {146, 240}}));
  EXPECT_EQ(describe(tracks()), "4 chapters");
}

TEST_F(FilmTracksTest, APartOfASongHasItsSectionsInTheFilmsTime) {
  song_.markers = {section("intro", 0, 10), section("verse", 10, 35), section("chorus", 35, 40),
                   section("end", 40, 50)};
  scene_.music.from = seconds(30);
  const auto found = tracks();
  EXPECT_THAT(found.chapters,
              ElementsAre(FilmChapter{"verse", {0, 120}}, FilmChapter{"chorus", {120, 240}}));
  EXPECT_EQ(found.places_outside, 2);
  EXPECT_EQ(describe(found), "2 chapters; 2 sections have no place in the film");
}

TEST_F(FilmTracksTest, ASectionThatEndsBeforeTheFilmIsNoneOfIts) {
  song_.markers = {section("verse", 10, 30), section("chorus", 35, 40)};
  scene_.music.from = seconds(30);
  EXPECT_THAT(tracks().chapters,
              ElementsAre(FilmChapter{"Film", {0, 120}}, FilmChapter{"chorus", {120, 240}}));
  EXPECT_EQ(tracks().places_outside, 1);
}

TEST_F(FilmTracksTest, NoSectionBeginsBehindThePartOrTheSong) {
  song_.markers = {section("verse", 0, 4), section("chorus", 6, 8)};
  scene_.music.to = seconds(6);
  EXPECT_THAT(tracks().chapters, ElementsAre(FilmChapter{"verse", {0, 240}}));
  scene_.music.to.reset();
  EXPECT_EQ(tracks().chapters.size(), 2U);
  EXPECT_EQ(tracks(seconds(5)).chapters.size(), 1U);
}

TEST_F(FilmTracksTest, PlacesOnOneFrameShareAChapter) {
  song_.markers = {section("part 1", 0, 9), section("verse", 0, 4), section("verse", 0, 2)};
  EXPECT_THAT(tracks().chapters, ElementsAre(FilmChapter{"part 1, verse", {0, 240}}));
}

TEST_F(FilmTracksTest, LinesLastUntilTheirEndTheNextOrTheFilms) {
  song_.lyrics = {line("one", seconds(1), seconds(3)), line("two", seconds(2), RationalTime(5, 2)),
                  line("three", seconds(4)), line("four", seconds(9)), line("late", seconds(10))};
  const auto found = tracks();
  EXPECT_THAT(found.lines, ElementsAre(FilmLine{"one", seconds(1), seconds(2)},
                                       FilmLine{"two", seconds(2), {5, 2}},
                                       FilmLine{"three", seconds(4), seconds(9)},
                                       FilmLine{"four", seconds(9), seconds(10)}));
  EXPECT_EQ(describe(found), "4 subtitles; 1 line of the lyrics has no place in the film");
}

TEST_F(FilmTracksTest, LinesAreMovedAndCutWithTheirSong) {
  song_.lyrics = {line("before", seconds(1), seconds(30)), line("begun", seconds(29), seconds(31)),
                  line("inside", seconds(32), seconds(50))};
  scene_.music.from = seconds(30);
  scene_.music.to = seconds(36);
  const auto found = tracks();
  EXPECT_THAT(found.lines, ElementsAre(FilmLine{"begun", seconds(0), seconds(1)},
                                       FilmLine{"inside", seconds(2), seconds(6)}));
  EXPECT_EQ(found.lines_outside, 1);
  scene_.music.to.reset();
  EXPECT_EQ(tracks(seconds(37)).lines.back().end, seconds(7));
}

TEST_F(FilmTracksTest, LinesOfOneTimeAreShownTogether) {
  song_.lyrics = {line("hello", seconds(1), seconds(3)), line("hallo", seconds(1), seconds(4))};
  EXPECT_THAT(tracks().lines, ElementsAre(FilmLine{"hello\nhallo", seconds(1), seconds(4)}));
}

TEST_F(FilmTracksTest, NoLineIsLongerThanAnybodyReads) {
  song_.lyrics = {line(std::string(5000, 'x'), seconds(0))};
  for (int i = 0; i < 100; ++i) song_.lyrics.push_back(line(std::string(1000, 'x'), seconds(1)));
  const auto found = tracks();
  ASSERT_EQ(found.lines.size(), 1U);
  EXPECT_LE(found.lines[0].text.size(), 4000U);
  EXPECT_EQ(found.lines_outside, 98);
}

TEST_F(FilmTracksTest, EachIsLeftOutWhereTheSceneSaysSo) {
  song_.markers = {section("verse", 0, 4)};
  song_.lyrics = {line("one", seconds(1))};
  EXPECT_EQ(describe(tracks()), "1 chapter, 1 subtitle");
  scene_.music.chapters = false;
  EXPECT_EQ(describe(tracks()), "1 subtitle");
  scene_.music.subtitles = false;
  EXPECT_EQ(describe(tracks()), "");
}

TEST_F(FilmTracksTest, TheLanguageIsThatOfTheLyrics) {
  const auto language = [&](const std::string& tag) {
    song_.tags.language = tag;
    return tracks().language;
  };
  EXPECT_EQ(language("en"), "");  // of no lines
  song_.lyrics = {line("one", seconds(1))};
  EXPECT_EQ(language("en"), "eng");
  EXPECT_EQ(language("DE-at"), "deu");
  EXPECT_EQ(language("fra"), "fra");
  EXPECT_EQ(language(""), "");
  EXPECT_EQ(language("xx"), "");
  EXPECT_EQ(language("e1g"), "");
  song_.tags.language = "en";
  EXPECT_EQ(describe(tracks()), "1 subtitle (eng)");
}

TEST(FilmNames, TheScenesWinThenTheSongsThenTheLyrics) {
  const SongTags song{.title = "Song", .artist = "Band"};
  SongMap map;
  map.tags = {.title = "Words", .artist = "Poet"};
  const auto named = [&](const std::string& scene_text, const SongTags& tags) {
    Scene scene = parse_scene(with_keyframe(scene_text), "file.toml");
    scene.music.map = std::make_shared<const SongMap>(map);
    complete_names(scene, tags);
    return scene.title + "|" + scene.artist;
  };
  EXPECT_EQ(named("title = \"Mine\"\nartist = \"Me\"", song), "Mine|Me");
  EXPECT_EQ(named("title = \"\"\nartist = \"Me\"", song), "Song|Me");
  EXPECT_EQ(named("", song), "Song|Band");
  EXPECT_EQ(named("", {}), "Words|Poet");
  EXPECT_EQ(named("", {.title = "", .artist = "Band"}), "Words|Band");
  map.tags = {};
  EXPECT_EQ(named("", {}), "file|");
}

TEST(FilmNames, ForeignNamesAreMadePrintableAndShort) {
  Scene scene = parse_scene(with_keyframe(""), "file.toml");
  complete_names(scene, {.title = std::string(5000, '\x1B'), .artist = "a\nb"});
  EXPECT_LE(scene.title.size(), kMaxTitleBytes);
  EXPECT_THAT(scene.title, HasSubstr("\\u001B"));
  EXPECT_EQ(scene.artist, "a\\nb");
}

using WantedTracksTest = FolderTest;

TEST_F(WantedTracksTest, WhatTheSongCannotGiveIsAMistake) {
  EXPECT_THAT(mistakes_of(with_keyframe("[music]\nchapters = true\nsubtitles = true")),
              testing::AllOf(HasSubstr("chapters: the song has no sections or other named places"),
                             HasSubstr("subtitles: the song has no lyrics")));
  EXPECT_EQ(mistakes_of(with_keyframe("[music]\nchapters = false\nsubtitles = false")), "");
  write("sections.txt", "0\t4\tverse\n");
  write("song.lrc", "[ti:Words]\n[AR: Poet ]\n[la:en]\n[00:01]hello\n");
  const Scene scene =
      parse_scene(with_keyframe("[music]\nsections = \"sections.txt\"\nlyrics = \"song.lrc\"\n"
                                "chapters = true\nsubtitles = true"),
                  folder_ / "film.toml");
  EXPECT_EQ(scene.music.map->tags,
            (SongTags{.title = "Words", .artist = "Poet", .language = "en"}));
}

TEST_F(FilmTracksTest, OfSomeFramesBeginAndEndWithThem) {
  song_.markers = {section("verse", 0, 4), section("chorus", 4, 8), section("end", 8, 10)};
  song_.lyrics = {line("one", seconds(1), seconds(2)), line("two", seconds(3), seconds(5)),
                  line("three", seconds(7), seconds(9))};
  const auto cut = cut_to({84, 180}, {24, 1}, tracks());  // from 3.5 s to 7.5 s
  EXPECT_THAT(cut.chapters,
              ElementsAre(FilmChapter{"verse", {0, 12}}, FilmChapter{"chorus", {12, 96}}));
  EXPECT_THAT(cut.lines,
              ElementsAre(FilmLine{"two", {}, {3, 2}}, FilmLine{"three", {7, 2}, seconds(4)}));
  EXPECT_EQ(
      describe(cut),
      "2 chapters, 2 subtitles; 1 section and 1 line of the lyrics have no place in the film");
}

// A container may have no time as short as that, and would read other subtitles back than written.
TEST_F(FilmTracksTest, ALineThatIsThereForLessThanAFrameIsLeftOut) {
  song_.lyrics = {line("one", seconds(1), seconds(2)), line("blink", seconds(3), {{301, 100}}),
                  line("two", seconds(4)), line("three", {400001, 100000})};
  const auto all = tracks();
  EXPECT_THAT(all.lines, ElementsAre(FilmLine{"one", seconds(1), seconds(2)},
                                     FilmLine{"three", {400001, 100000}, seconds(10)}));
  EXPECT_EQ(all.lines_outside, 2);
  EXPECT_THAT(cut_to({47, 96}, {24, 1}, all).lines, ElementsAre(FilmLine{"one", {}, {1, 24}}));
  EXPECT_THAT(cut_to({47, 97}, {24, 1}, all).lines, ElementsAre(FilmLine{"one", {}, {1, 24}}));
}

}  // namespace
}  // namespace latentreel::scenes
