#include "src/plan/film_record.h"

#include <gtest/gtest.h>

namespace latentreel::render {
namespace {

TEST(FilmRecord, ComesBackAsItWasWritten) {
  FilmRecord record;
  record.sha256 = "abc";
  record.summary = {.frames = 41, .seconds = {41, 8}, .bytes = 123};
  record.summary.song = {.source_codec = "mp3",
                         .film_codec = "alac",
                         .copied = false,
                         .part_seconds = {7, 2},
                         .film_seconds = {3, 1},
                         .exact = false,
                         .mixed = true,
                         .gain = -3.5,
                         .speakers = "quad as 5.0",
                         .peak = 1.25,
                         .clipped = 7};
  const auto back = parse_film_record(film_record_text(record));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->sha256, "abc");
  EXPECT_EQ(back->summary.frames, 41);
  EXPECT_EQ(back->summary.seconds, (ffmpeg::Ratio{41, 8}));
  EXPECT_EQ(back->summary.bytes, 123u);
  ASSERT_TRUE(back->summary.song);
  EXPECT_EQ(back->summary.song->film_codec, "alac");
  EXPECT_EQ(back->summary.song->part_seconds, (ffmpeg::Ratio{7, 2}));
  EXPECT_FALSE(back->summary.song->exact);
  EXPECT_TRUE(back->summary.song->mixed);
  EXPECT_EQ(back->summary.song->gain, -3.5);
  EXPECT_EQ(back->summary.song->speakers, "quad as 5.0");
  EXPECT_EQ(back->summary.song->peak, 1.25);
  EXPECT_EQ(back->summary.song->clipped, 7);
}

// What was lost of a song is not known of films that were made before it was measured.
TEST(FilmRecord, IsNoneWhereNothingIsSaidOfWhatTheSongLost) {
  FilmRecord record;
  record.summary.song = ffmpeg::SongSummary{.source_codec = "wav", .film_codec = "alac"};
  auto text = film_record_text(record);
  ASSERT_TRUE(parse_film_record(text));
  const auto at = text.find("\"exact\"");
  ASSERT_NE(at, text.npos) << text;
  EXPECT_FALSE(parse_film_record(text.replace(at, 7, "\"other\"")));
}

TEST(FilmRecord, IsNoneWhereSomethingIsMissing) {
  for (const std::string text : {"", "{", "3", "{}", "{\"sha256\": 4}", "[1, 2]",
                                 "{\"sha256\": \"a\", \"frames\": \"x\"}"}) {
    EXPECT_FALSE(parse_film_record(text)) << text;
  }
}

}  // namespace
}  // namespace latentreel::render
