#include "ffmpeg/film_tracks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ffmpeg/film_check.h"
#include "ffmpeg/film_proof.h"
#include "ffmpeg/subtitles.h"
#include "tests/ffmpeg/media.h"

namespace latentreel::ffmpeg {
namespace {

using ::testing::HasSubstr;

constexpr VideoCodec kContainers[] = {VideoCodec::h264, VideoCodec::prores, VideoCodec::ffv1};

// Of a film of 60 frames at 24000/1001 a second: 2.5025 seconds.
FilmTracks some_tracks() {
  return {.chapters = {{{0, 1}, {1001, 1000}, "Verse"},
                       {{1001, 1000},
                        {1001, 600},
                        "Stra\xC3\x9F"
                        "e"},
                       {{1001, 600}, {1001, 400}, "Verse"}},
          .captions = {{{1, 4}, {1, 1}, "a line"},
                       {{1, 1}, {3, 2}, "the next, at once"},
                       {{2, 1}, {9, 4}, "two\nlines, \xC3\xBC"}},
          .language = "eng"};
}

VideoSettings with_tracks(VideoCodec codec) {
  return {.width = 96,
          .height = 64,
          .fps = {24000, 1001},
          .codec = codec,
          .gop = 12,
          .title = "Song",
          .artist = "Singer",
          .tracks = some_tracks()};
}

class TracksInContainer : public testing::TestWithParam<VideoCodec> {
 protected:
  TemporaryFolder folder_;
  std::string name_ = "film" + std::string(file_extension(GetParam()));
  double tolerance_ = GetParam() == VideoCodec::ffv1 ? 0.001 : 0.0001;
};

TEST_P(TracksInContainer, ComeBack) {
  make_film(folder_ / name_, with_tracks(GetParam()), 60);
  const FilmInfo film = inspect(folder_ / name_);
  const FilmTracks wanted = some_tracks();
  EXPECT_EQ(film.title, "Song");
  EXPECT_EQ(film.artist, "Singer");
  EXPECT_EQ(film.frames, 60);
  EXPECT_EQ(film.tracks.language, "eng");
  ASSERT_EQ(film.tracks.chapters.size(), 3U);
  ASSERT_EQ(film.tracks.captions.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(film.tracks.chapters[i].title, wanted.chapters[i].title);
    EXPECT_NEAR(film.tracks.chapters[i].start.value(), wanted.chapters[i].start.value(), 1e-6);
    EXPECT_NEAR(film.tracks.chapters[i].end.value(), wanted.chapters[i].end.value(), 1e-6);
    EXPECT_EQ(film.tracks.captions[i].text, wanted.captions[i].text);
    EXPECT_NEAR(film.tracks.captions[i].start.value(), wanted.captions[i].start.value(),
                tolerance_);
    EXPECT_NEAR(film.tracks.captions[i].end.value(), wanted.captions[i].end.value(), tolerance_);
  }
}

TEST_P(TracksInContainer, AreReadByFfmpeg) {
  make_film(folder_ / name_, with_tracks(GetParam()), 60);
  ffmpeg_tool(folder_, "-i " + name_ + " -map 0:s:0 lines.srt");
  const auto lines = read_subtitles(folder_ / "lines.srt");
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[1].text, "the next, at once");
  EXPECT_EQ(lines[2].text, "two lines, \xC3\xBC");
  EXPECT_NEAR(lines[0].start.value(), 0.25, 0.001);
  EXPECT_NEAR(lines[1].end.value().value(), 1.5, 0.001);
  EXPECT_NEAR(lines[2].end.value().value(), 2.25, 0.001);
  const std::string told =
      ffprobe_tool(folder_,
                   "-show_entries chapter=start_time,end_time:chapter_tags=title:"
                   "format=duration:format_tags=artist -of csv=p=0 " +
                       name_);
  EXPECT_THAT(told, HasSubstr("0.000000,1.001000,Verse\n"
                              "1.001000,1.668333,Stra\xC3\x9F"
                              "e\n"
                              "1.668333,2.502500,Verse\n"));
  EXPECT_THAT(told, HasSubstr("2.50"));
  EXPECT_THAT(told, HasSubstr("Singer"));
}

TEST_P(TracksInContainer, SameTracksSameBytes) {
  std::filesystem::create_directories(folder_ / "other");
  make_film(folder_ / name_, with_tracks(GetParam()), 60);
  make_film(folder_ / ("other/" + name_), with_tracks(GetParam()), 60);
  EXPECT_EQ(read_text(folder_ / name_), read_text(folder_ / ("other/" + name_)));
}

// Packets of sound come in other ticks, by which libav's muxer once took lines for ended.
TEST_P(TracksInContainer, LeaveTheSongAsItIs) {
  write_click_song(folder_ / "song.wav", 3, 96000);
  ffmpeg_tool(folder_, "-i song.wav -c:a aac -b:a 128k song.m4a");
  auto plain = with_tracks(GetParam());
  plain.song = SongPart{.file = folder_ / "song.m4a"};
  plain.tracks = {};
  auto full = plain;
  full.tracks = some_tracks();
  std::filesystem::create_directories(folder_ / "plain");
  make_film(folder_ / ("plain/" + name_), plain, 60);
  make_film(folder_ / name_, full, 60);
  const FilmInfo without = inspect(folder_ / ("plain/" + name_));
  const FilmInfo with = inspect(folder_ / name_);
  ASSERT_TRUE(with.audio && without.audio);
  EXPECT_EQ(with.audio->digest, without.audio->digest);
  EXPECT_EQ(with.audio->start, without.audio->start);
  EXPECT_EQ(with.audio->samples, without.audio->samples);
  EXPECT_EQ(with.seconds, without.seconds);
  EXPECT_TRUE(with.each_frame_once);
  EXPECT_EQ(with.tracks.captions.size(), 3U);
  EXPECT_TRUE(without.tracks == FilmTracks());
}

TEST_P(TracksInContainer, ALineMayLastFromBeginningToEnd) {
  auto settings = with_tracks(GetParam());
  settings.tracks = {.chapters = {{{0, 1}, {1001, 400}, "All"}},
                     .captions = {{{0, 1}, {1001, 400}, "all"}}};
  make_film(folder_ / name_, settings, 60);
  const FilmInfo film = inspect(folder_ / name_);
  ASSERT_EQ(film.tracks.captions.size(), 1U);
  EXPECT_EQ(film.tracks.captions[0].start, (Ratio{0, 1}));
  EXPECT_NEAR(film.tracks.captions[0].end.value(), 2.5025, tolerance_);
}

TEST_P(TracksInContainer, ArePartOfTheProof) {
  auto settings = with_tracks(GetParam());
  prove(settings, folder_ / name_, folder_ / name_);
  const FilmInfo film = inspect(folder_ / name_);
  EXPECT_EQ(film.frames, 2);
  EXPECT_EQ(film.tracks.chapters.size(), 1U);
  EXPECT_EQ(film.tracks.captions.size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(FilmTracks, TracksInContainer, testing::ValuesIn(kContainers),
                         [](const auto& info) { return std::string(codec_name(info.param)); });

// Players of MP4 know no pause but a sample without text. What libav adds behind the last line has
// no length and is not shown.
TEST(FilmTracks, PausesInMp4AreSamplesWithoutText) {
  const TemporaryFolder folder;
  make_film(folder / "film.mp4", with_tracks(VideoCodec::h264), 60);
  EXPECT_EQ(ffprobe_tool(folder,
                         "-select_streams s -show_entries packet=pts_time,size -of csv=p=0 "
                         "film.mp4"),
            "0.000000,2\n0.250000,8\n1.000000,19\n1.500000,2\n2.000000,15\n");
}

TEST(FilmTracks, ManyChaptersAndLongTitlesComeBack) {
  const TemporaryFolder folder;
  auto settings = with_tracks(VideoCodec::h264);
  settings.fps = {24, 1};
  settings.tracks = {};
  for (int i = 0; i < 300; ++i) {
    settings.tracks.chapters.push_back(
        {{i, 24}, {i + 1, 24}, "chapter " + std::to_string(i) + std::string(290, '.')});
  }
  make_film(folder / "film.mp4", settings, 300);
  const auto film = inspect(folder / "film.mp4", Decode::no);
  ASSERT_EQ(film.tracks.chapters.size(), 300U);
  EXPECT_EQ(film.tracks.chapters[299].title, settings.tracks.chapters[299].title);
  EXPECT_EQ(film.tracks.chapters[299].start, (Ratio{299, 24}));
}

TEST(FilmTracks, WhatCannotBeWrittenIsRefused) {
  const Chapter whole{{0, 1}, {2, 1}, "x"};
  const Caption line{{0, 1}, {1, 1}, "x"};
  const FilmTracks wrong[] = {
      {.chapters = {{{1, 1}, {2, 1}, "late"}}},
      {.chapters = {whole, {{3, 1}, {4, 1}, "a gap"}}},
      {.chapters = {{{0, 1}, {0, 1}, "short"}}},
      {.chapters = {{{0, 1}, {1, 1}, ""}}},
      {.captions = {line, {{1, 2}, {2, 1}, "too early"}}},
      {.captions = {{{-1, 1}, {1, 1}, "before"}}},
      {.captions = {{{1, 1}, {1, 1}, "short"}}},
      {.captions = {{{0, 1}, {1, 1}, ""}}},
      {.captions = {{{0, 1}, {1, 1}, std::string(kMaxCaptionBytes + 1, 'x')}}},
  };
  for (const FilmTracks& tracks : wrong) {
    EXPECT_EQ(kind_thrown([&] { check_tracks(tracks); }), MediaError::Kind::internal);
  }
  EXPECT_NO_THROW(check_tracks({.chapters = {whole}, .captions = {line}}));
  EXPECT_NO_THROW(check_tracks(some_tracks()));
}

}  // namespace
}  // namespace latentreel::ffmpeg
