#include "scenes/compose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenes/manifest.h"
#include "scenes/timeline.h"
#include "tests/scenes/support.h"

namespace latentreel::scenes {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class ComposeTest : public FolderTest {
 protected:
  ComposeTest() {
    write("song.flac", "");
    write("song.lrc", "[00:01]a\n");
    write("beats.txt", "1\n2\n");
  }

  // The scene that is composed, read as a person's would be.
  Scene composed(const ComposeOptions& options, const SongMap& song, RationalTime length) const {
    Scene scene = parse_scene(compose_scene(options, song, length), folder_ / "song.toml");
    EXPECT_THAT(scene.notes, testing::IsEmpty());
    EXPECT_GT(Timeline(scene, length).frame_count(), 0);
    return scene;
  }

  ComposeOptions options_{.title = "A \"song\"", .song = "song.flac"};
};

TEST_F(ComposeTest, MakesAKeyframeOfEveryLine) {
  options_.lyrics = "song.lrc";
  options_.style = "watercolor";
  SongMap song;
  song.lyrics = {{.text = "Let it \"be\"", .start = {5, 4}},
                 {.text = "\u266A", .start = {2, 1}},
                 {.text = "on a hill", .start = {3, 1}},
                 {.text = "auf einem Berg", .start = {3, 1}},
                 {.text = "Let it \"be\"", .start = {20, 3}}};
  const Scene scene = composed(options_, song, {10, 1});
  EXPECT_EQ(scene.title, "A \"song\"");
  EXPECT_EQ(scene.music.lyrics, folder_ / "song.lrc");
  ASSERT_EQ(scene.keyframes.size(), 3U);
  EXPECT_EQ(scene.keyframes[0].at, RationalTime(5, 4));
  EXPECT_EQ(scene.keyframes[1].at, RationalTime(3, 1));
  EXPECT_EQ(scene.keyframes[2].at, RationalTime(20, 3));
  EXPECT_EQ(scene.keyframes[1].prompts[0].text, "on a hill");
  EXPECT_THAT(scene.keyframes[0].optimize.extra, ElementsAre("watercolor"));
  // What is sung again shows the same picture.
  EXPECT_EQ(scene.keyframes[0].prompts, scene.keyframes[2].prompts);
  EXPECT_EQ(scene.keyframes[0].optimize, scene.keyframes[2].optimize);
  EXPECT_NE(scene.keyframes[0].optimize.start, StartKind::previous);
}

TEST_F(ComposeTest, PlacesPicturesEveryFewBars) {
  options_.bpm = RationalTime(120, 1);
  options_.step = parse_step("2 bars");
  SongMap song{.tempo = TempoMap::even({120, 1}, {})};
  const std::string text = compose_scene(options_, song, {17, 2});
  EXPECT_THAT(text, HasSubstr("\nat = \"bar 3\"\n"));
  EXPECT_THAT(text, HasSubstr("bpm = 120\n"));
  EXPECT_THAT(text, HasSubstr("REPLACE EVERY ONE"));
  const Scene scene = composed(options_, song, {17, 2});
  ASSERT_EQ(scene.keyframes.size(), 3U);
  EXPECT_EQ(scene.keyframes[2].at, RationalTime(8, 1));
  EXPECT_EQ(scene.keyframes[1].prompts[0].text, "REPLACE THIS: what picture 2 shows");
  options_.prompts = {"a", "b"};
  EXPECT_EQ(composed(options_, song, {17, 2}).keyframes[2].prompts[0].text, "a");
  EXPECT_THAT(compose_scene(options_, song, {17, 2}), Not(HasSubstr("REPLACE")));
}

TEST_F(ComposeTest, PlacesPicturesEveryFewBeatsOrSeconds) {
  options_.beats = "beats.txt";
  options_.step = parse_step("3 beats");
  const SongMap song = read_times(folder_ / "beats.txt", 4);
  const Scene beats = composed(options_, song, {10, 1});
  ASSERT_EQ(beats.keyframes.size(), 3U);
  EXPECT_EQ(beats.keyframes[0].at, RationalTime(1, 1));
  EXPECT_EQ(beats.keyframes[2].at, RationalTime(7, 1));
  options_.step = parse_step("2.5s");
  const Scene seconds = composed(options_, song, {10, 1});
  ASSERT_EQ(seconds.keyframes.size(), 4U);
  EXPECT_EQ(seconds.keyframes[3].at, RationalTime(15, 2));
}

TEST_F(ComposeTest, BeginsWithTheFirstBarWithinTheSong) {
  options_.step = parse_step("1 bar");
  const SongMap song{.tempo = TempoMap::even({60, 1}, {-1, 1})};
  EXPECT_THAT(compose_scene(options_, song, {10, 1}),
              HasSubstr("at = \"bar 2\"\nprompt = \"REPLACE THIS: what picture 1 shows\"\n"));
  const SongMap late{.tempo = TempoMap::even({60, 1}, {20, 1})};
  EXPECT_THAT(compose_scene(options_, late, {10, 1}), HasSubstr("at = \"0s\""));
}

TEST_F(ComposeTest, SaysWhatItLacks) {
  const auto error_of = [&](const SongMap& song, RationalTime length) {
    try {
      compose_scene(options_, song, length);
    } catch (const SceneError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  options_.step = parse_step("2 bars");
  EXPECT_THAT(error_of({}, {10, 1}), HasSubstr("a picture every 2 bars needs a tempo"));
  options_.step = parse_step("0.01s");
  EXPECT_THAT(error_of({}, {10, 1}), HasSubstr("would follow each other too fast"));
  options_.step = parse_step("0.1s");
  EXPECT_THAT(error_of({}, {5000, 1}), HasSubstr("too"));
  SongMap wordless;
  wordless.lyrics = {{.text = "...", .start = {}}};
  EXPECT_THAT(error_of(wordless, {10, 1}), HasSubstr("no line of the lyrics has words"));
  for (const auto* text :
       {"", "2", "bars", "0 bars", "-1 bars", "2 bars 3", "2 minutes", "1.2.3s"}) {
    EXPECT_THROW(parse_step(text), SceneError) << text;
  }
}

TEST_F(ComposeTest, ListsAnAlbum) {
  write("dawn.toml", "[[keyframe]]\nprompt = \"a\"\n");
  write("night drive.toml", "[[keyframe]]\nprompt = \"a\"\n");
  const auto manifest = write("album.toml", compose_manifest({"dawn.toml", "night drive.toml"}));
  EXPECT_TRUE(is_manifest(manifest));
  const auto films = read_manifest(manifest);
  ASSERT_EQ(films.size(), 2U);
  EXPECT_EQ(films[1].scene, folder_ / "night drive.toml");
  EXPECT_EQ(films[1].output, "02-night drive.mp4");
  EXPECT_TRUE(films[1].overrides.empty());
}

TEST_F(ComposeTest, NumbersNoFilmTwice) {
  for (const auto* name : {"01 dawn.toml", "2 night.toml", "day.toml"}) {
    write(name, "[[keyframe]]\nprompt = \"a\"\n");
  }
  const auto films_of = [&](const std::vector<std::string>& scenes) {
    return read_manifest(write("album.toml", compose_manifest(scenes)));
  };
  EXPECT_EQ(films_of({"01 dawn.toml", "2 night.toml"})[1].output, "2 night.mp4");
  EXPECT_EQ(films_of({"01 dawn.toml", "day.toml"})[0].output, "01-01 dawn.mp4");
}

}  // namespace
}  // namespace latentreel::scenes
