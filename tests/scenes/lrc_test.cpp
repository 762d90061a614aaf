#include "scenes/lrc.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenes/scene_error.h"

namespace latentreel::scenes {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<LyricLine> lyrics_of(std::string_view text) {
  return parse_lrc(text, "song.lrc");
}

std::string lrc_error(std::string_view text) {
  try {
    lyrics_of(text);
    return {};
  } catch (const SceneError& error) {
    return error.what();
  }
}

TEST(LrcTest, ReadsLinesInAnyOrder) {
  EXPECT_THAT(lyrics_of("\xEF\xBB\xBF[ti:Night drive]\r\n"
                        "[ar: Someone]\r\n"
                        "\r\n"
                        "[00:20.00][01:20.000]  again  and again \r\n"
                        "[00:12.34]a line\r\n"
                        "[00:24.5]\r\n"
                        "[61:00][softly] the last"),
              ElementsAre(LyricLine{"a line", {617, 50}, RationalTime(20, 1), {}},
                          LyricLine{"again and again", {20, 1}, RationalTime(49, 2), {}},
                          LyricLine{"again and again", {80, 1}, RationalTime(3660, 1), {}},
                          LyricLine{"[softly] the last", {3660, 1}, std::nullopt, {}}));
}

TEST(LrcTest, MovesAllLinesEarlierByTheOffset) {
  EXPECT_THAT(lyrics_of("[00:00.2]a\n[00:01]b\n[offset: +500]\n[00:02]\n"),
              ElementsAre(LyricLine{"a", {}, RationalTime(1, 2), {}},
                          LyricLine{"b", {1, 2}, RationalTime(3, 2), {}}));
  EXPECT_EQ(lyrics_of("[offset:-250]\n[00:01]a").front().start, RationalTime(5, 4));
}

TEST(LrcTest, ReadsTimesOfWords) {
  const auto lyrics = lyrics_of(
      "[00:10.00][00:20.00]<00:10.00>each <00:10.40> word<00:11.00>\n"
      "[00:15.00]I <3 you\n");
  EXPECT_THAT(
      lyrics,
      ElementsAre(
          LyricLine{
              "each word", {10, 1}, RationalTime(11, 1), {{"each", {10, 1}}, {"word", {52, 5}}}},
          LyricLine{"I <3 you", {15, 1}, RationalTime(20, 1), {}},
          LyricLine{
              "each word", {20, 1}, RationalTime(21, 1), {{"each", {20, 1}}, {"word", {102, 5}}}}));
}

TEST(LrcTest, KeepsBothLinesOfOneTime) {
  EXPECT_THAT(lyrics_of("[00:01]eins\n[00:01]one\n[00:02]zwei\n"),
              ElementsAre(LyricLine{"eins", {1, 1}, RationalTime(2, 1), {}},
                          LyricLine{"one", {1, 1}, RationalTime(2, 1), {}},
                          LyricLine{"zwei", {2, 1}, std::nullopt, {}}));
}

TEST(LrcTest, SaysWhatIsWrong) {
  EXPECT_EQ(lrc_error("[00:01.00]a\nb c\n[00:61]d\n"),
            "song.lrc:2:1: a line without its time\n"
            "  b c\n"
            "  ^ a line of lyrics is [mm:ss.xx]text\n"
            "song.lrc:3:1: expected a time such as [01:20.50], or a tag such as [ti:Night drive]\n"
            "  [00:61]d\n"
            "  ^");
  EXPECT_THAT(lrc_error("[00:01][00:1]a"), HasSubstr("song.lrc:1:8: expected a time"));
  EXPECT_THAT(lrc_error("[00:01:50]a"), HasSubstr("song.lrc:1:1: expected a time"));
  EXPECT_THAT(lrc_error("[00:01"), HasSubstr("song.lrc:1:1: expected a time"));
  EXPECT_THAT(lrc_error("[Chorus]"), HasSubstr("song.lrc:1:1: expected a time"));
  EXPECT_THAT(lrc_error("[ti:a] b"), HasSubstr("song.lrc:1:7: text behind a tag"));
  EXPECT_THAT(lrc_error("[offset:soon]\n"), HasSubstr("song.lrc:1:1: expected an offset"));
  EXPECT_THAT(lrc_error("[offset:1]\n[offset:2]\n"), HasSubstr("song.lrc:2:1: a second offset"));
  EXPECT_THAT(lrc_error("[00:01]\xC3\xA9 caf\xE9"),
              HasSubstr("song.lrc:1:13: the lyrics are not UTF-8"));
  EXPECT_THAT(lrc_error("[00:01]a\x1B"), HasSubstr("control character U+001B"));
  EXPECT_THAT(lrc_error("[ti:a]\n[00:01]\n"), HasSubstr("song.lrc: the file has no timed lyrics"));
  EXPECT_THAT(lrc_error("[00:01]" + std::string(1001, 'a')), HasSubstr("more than 1000 bytes"));
}

TEST(LrcTest, LimitsLines) {
  std::string stamps;
  for (int i = 0; i < 10'001; ++i) stamps += "[00:01]";
  EXPECT_THAT(lrc_error(stamps + "a"), HasSubstr("more than 10000 lines of lyrics"));
}

}  // namespace
}  // namespace latentreel::scenes
