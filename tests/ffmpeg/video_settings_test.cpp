#include "ffmpeg/video_settings.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/ffmpeg/media.h"

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

VideoSettings small_settings(VideoCodec codec) {
  return {.width = 64, .height = 64, .codec = codec};
}

void expect_refused(const VideoSettings& wrong, const std::string& words) {
  const std::string message = message_thrown([&] { check_settings(wrong); });
  EXPECT_EQ(kind_thrown([&] { check_settings(wrong); }), Kind::usage) << message;
  EXPECT_NE(message.find(words), std::string::npos) << message;
}

TEST(VideoSettings, EveryCodecHasANameAContainerAndADepth) {
  const struct {
    VideoCodec codec;
    const char* name;
    const char* extension;
    int depth;
  } rows[] = {{VideoCodec::h264, "h264", ".mp4", 8},
              {VideoCodec::hevc, "hevc", ".mp4", 10},
              {VideoCodec::av1, "av1", ".mp4", 10},
              {VideoCodec::prores, "prores", ".mov", 10},
              {VideoCodec::ffv1, "ffv1", ".mkv", 8}};
  for (const auto& row : rows) {
    EXPECT_EQ(codec_name(row.codec), row.name);
    EXPECT_EQ(codec_named(row.name), row.codec);
    EXPECT_EQ(file_extension(row.codec), row.extension);
    EXPECT_EQ(bit_depth(row.codec), row.depth);
    EXPECT_NO_THROW(check_settings(small_settings(row.codec), std::string("a") + row.extension));
  }
  EXPECT_FALSE(codec_named("vp9"));
}

TEST(VideoSettings, AFileOfTheWrongKindIsRefusedByTheRightName) {
  const std::string message = message_thrown(
      [] { check_settings(small_settings(VideoCodec::prores), "out/first light.mp4"); });
  EXPECT_EQ(message,
            "prores goes into a .mov file, not into \"first light.mp4\"; name the film "
            "\"first light.mov\"");
  for (const char* name : {"film", "film.mkv", "film.mp4.part", ".mp4"}) {
    EXPECT_EQ(kind_thrown([&] { check_settings(small_settings(VideoCodec::h264), name); }),
              Kind::usage);
  }
  EXPECT_NO_THROW(check_settings(small_settings(VideoCodec::h264), "FILM.MP4"));
}

TEST(VideoSettings, OddSidesNeedACodecThatTakesThem) {
  for (const VideoCodec codec : {VideoCodec::h264, VideoCodec::hevc, VideoCodec::av1}) {
    VideoSettings odd = small_settings(codec);
    odd.output_width = 101;
    odd.output_height = 77;
    expect_refused(odd, "set the output size to 102x78");
  }
  for (const VideoCodec codec : {VideoCodec::prores, VideoCodec::ffv1}) {
    VideoSettings odd = small_settings(codec);
    odd.width = 101;
    odd.height = 77;
    EXPECT_NO_THROW(check_settings(odd));
  }
}

TEST(VideoSettings, NumbersOutOfRange) {
  VideoSettings wrong = small_settings(VideoCodec::h264);
  wrong.fps = {0, 1};
  expect_refused(wrong, "frame rate");
  wrong.fps = {24, 0};
  expect_refused(wrong, "frame rate");
  wrong.fps = {1001, 1};
  expect_refused(wrong, "frame rate");
  wrong = small_settings(VideoCodec::h264);
  wrong.quality = 52;
  expect_refused(wrong, "quality");
  wrong.quality = std::nan("");
  expect_refused(wrong, "quality");
  wrong = small_settings(VideoCodec::ffv1);
  wrong.quality = 17;
  expect_refused(wrong, "no quality");
  wrong = small_settings(VideoCodec::av1);
  wrong.output_width = wrong.output_height = 32;
  expect_refused(wrong, "at least 64");
  wrong = small_settings(VideoCodec::h264);
  wrong.output_width = 128;
  expect_refused(wrong, "output size");
  wrong.output_height = 20000;
  wrong.output_width = 20000;
  expect_refused(wrong, "too large");
  wrong = small_settings(VideoCodec::h264);
  wrong.threads = 0;
  expect_refused(wrong, "threads");
  wrong = small_settings(VideoCodec::h264);
  wrong.gop = 0;
  expect_refused(wrong, "keyframe");
  wrong = small_settings(VideoCodec::h264);
  wrong.song = SongPart{"a.wav", {3, 1}, Ratio{2, 1}};
  expect_refused(wrong, "\"to\"");
  wrong.song = SongPart{.file = "a.wav", .skip = {-1, 24}};
  expect_refused(wrong, "begin before");
  wrong.song = SongPart{.file = "a.wav", .gain = 21.0};
  expect_refused(wrong, "gain");
  wrong.song = SongPart{"a.wav", {-1, 1}, {}};
  expect_refused(wrong, "\"from\"");
}

}  // namespace
}  // namespace latentreel::ffmpeg
