#include "src/music/lyrics.h"

#include <gtest/gtest.h>

#include "scenes/scene_error.h"
#include "scenes/scene_reader.h"
#include "tests/temporary_folder.h"

namespace latentreel::music {
namespace {

constexpr const char* kSubRip =
    "1\n00:00:01,250 --> 00:00:02,500\n<i>Let it be</i>\n\n2\n00:00:03,000 --> 00:00:04,000\nnow\n";

TEST(SubtitleLines, AreLyrics) {
  const TemporaryFolder folder;
  const auto lines = read_subtitle_lines(folder.write("song.srt", kSubRip));
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].text, "Let it be");
  EXPECT_EQ(lines[0].start, scenes::RationalTime(5, 4));
  EXPECT_EQ(lines[0].end, scenes::RationalTime(5, 2));
}

TEST(SubtitleLines, PlaceKeyframesOfAScene) {
  const TemporaryFolder folder;
  folder.write("song.srt", kSubRip);
  const auto file = folder.write(
      "film.toml",
      "[music]\nlyrics = \"song.srt\"\n[[keyframe]]\nat = 'lyric \"let it\"'\nprompt = \"a\"\n");
  const auto scene = scenes::read_scene(file, {}, read_subtitle_lines);
  EXPECT_EQ(scene.keyframes[0].at, scenes::RationalTime(5, 4));
}

TEST(SubtitleLines, MistakesAreThoseOfAScene) {
  const TemporaryFolder folder;
  EXPECT_THROW(read_subtitle_lines(folder.write("song.srt", "words\n")), scenes::SceneError);
  EXPECT_THROW(read_subtitle_lines(folder.path() / "none.srt"), scenes::SceneError);
}

}  // namespace
}  // namespace latentreel::music
