#include "ffmpeg/subtitles.h"

#include <gmock/gmock.h>

#include "tests/ffmpeg/media.h"

namespace latentreel::ffmpeg {
namespace {

using testing::HasSubstr;

class SubtitlesTest : public testing::Test {
 protected:
  std::vector<Subtitle> read(const std::string& name, const std::string& text) const {
    write_text(folder_ / name, text);
    return read_subtitles(folder_ / name);
  }

  TemporaryFolder folder_;
};

void expect_lines(const std::vector<Subtitle>& subtitles) {
  ASSERT_EQ(subtitles.size(), 2U);
  EXPECT_EQ(subtitles[0].text, "let it be now");
  EXPECT_DOUBLE_EQ(subtitles[0].start.value(), 1.25);
  EXPECT_DOUBLE_EQ(subtitles[0].end.value().value(), 2.5);
  EXPECT_EQ(subtitles[1].text, "Grüße & <3");
  EXPECT_DOUBLE_EQ(subtitles[1].start.value(), 61);
}

TEST_F(SubtitlesTest, ReadsSubRip) {
  expect_lines(read("a.srt",
                    "\xEF\xBB\xBF"
                    "1\r\n00:00:01,250 --> 00:00:02,500\r\n<i>let it be</i>\r\n{\\an8}now\r\n\r\n"
                    "2\r\n00:01:01,000 --> 00:01:02,000\r\nGrüße & <3\r\n\r\n"
                    "3\r\n00:01:03,000 --> 00:01:04,000\r\n<b></b>\r\n"));
}

TEST_F(SubtitlesTest, ReadsAss) {
  expect_lines(
      read("a.ass",
           "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\n"
           "Format: Name, Fontname, Fontsize\nStyle: Default,Arial,20\n\n[Events]\n"
           "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
           "Dialogue: 0,0:01:01.00,0:01:02.00,Default,,0,0,0,,Grüße & <3\n"
           "Dialogue: 0,0:00:01.25,0:00:02.50,Default,,0,0,0,,{\\k20}let {\\k30}it be\\N{\\i1}now\n"
           "Dialogue: 0,0:00:05.00,0:00:06.00,Default,,0,0,0,,{\\p1}m 0 0 l 9 9{\\p0}\n"));
}

TEST_F(SubtitlesTest, ReadsWebVtt) {
  expect_lines(
      read("a.vtt",
           "WEBVTT\n\nNOTE a note\n\n"
           "00:00:01.250 --> 00:00:02.500 align:start\n<v Ann>let <c.loud>it</c> be\nnow\n\n"
           "00:01:01.000 --> 00:01:02.000\nGrüße &amp; &lt;3\n"));
}

TEST_F(SubtitlesTest, RefusesWhatIsNone) {
  EXPECT_EQ(kind_thrown([&] { read_subtitles(folder_ / "none.srt"); }), MediaError::Kind::missing);
  EXPECT_EQ(kind_thrown([&] { read("a.srt", "just words\n"); }), MediaError::Kind::invalid);
  EXPECT_EQ(kind_thrown([&] { read("a.srt", std::string(5 << 20, ' ')); }),
            MediaError::Kind::invalid);
  EXPECT_EQ(kind_thrown([&] { read("a.srt", "1\n00:00:01,000 --> 00:00:02,000\ncaf\xE9\n"); }),
            MediaError::Kind::invalid);
  // A list of files is not opened, whatever it is called.
  EXPECT_EQ(kind_thrown([&] { read("a.srt", "ffconcat version 1.0\nfile /etc/passwd\n"); }),
            MediaError::Kind::invalid);
}

}  // namespace
}  // namespace latentreel::ffmpeg
