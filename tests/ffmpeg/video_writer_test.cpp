#include "tests/ffmpeg/video_writer.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <array>
#include <cstdlib>

#include "ffmpeg/film_check.h"
#include "ffmpeg/film_proof.h"
#include "tests/ffmpeg/media.h"
#include "tests/parameter_name.h"

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

constexpr VideoCodec kAll[] = {VideoCodec::h264, VideoCodec::hevc, VideoCodec::av1,
                               VideoCodec::prores, VideoCodec::ffv1};

VideoSettings writer_settings(VideoCodec codec) {
  return {.width = 96, .height = 64, .codec = codec, .gop = 12};
}

std::string film_name(VideoCodec codec) {
  return "film" + std::string(file_extension(codec));
}

struct Rate {
  Ratio fps;
  int frames;
  Ratio seconds;

  friend void PrintTo(const Rate& rate, std::ostream* out) {
    *out << rate.frames << " at " << rate.fps.num << "/" << rate.fps.den;
  }
};

class EveryRate : public testing::TestWithParam<Rate> {};

TEST_P(EveryRate, FramesLengthAndSizeAreExact) {
  const Rate& rate = GetParam();
  const TemporaryFolder folder;
  VideoSettings wanted = writer_settings(VideoCodec::h264);
  wanted.fps = rate.fps;
  const FilmSummary summary = make_film(folder / "film.mp4", wanted, rate.frames);
  EXPECT_EQ(summary.frames, rate.frames);
  EXPECT_EQ(summary.bytes, std::filesystem::file_size(folder / "film.mp4"));
  const FilmInfo film = inspect(folder / "film.mp4");
  EXPECT_EQ(film.frames, rate.frames);
  EXPECT_EQ(film.decoded, rate.frames);
  EXPECT_EQ(film.fps, rate.fps);
  EXPECT_EQ(film.seconds, rate.seconds);
  EXPECT_EQ(film.start, (Ratio{0, 1}));
  EXPECT_TRUE(film.each_frame_once);
  EXPECT_EQ(film.width, 96);
  EXPECT_EQ(film.height, 64);
  const std::string told = ffprobe_tool(
      folder,
      "-count_frames -select_streams v -show_entries "
      "stream=nb_read_frames,start_time,avg_frame_rate,r_frame_rate -of csv=p=0 film.mp4");
  const std::string fps = std::to_string(rate.fps.num) + "/" + std::to_string(rate.fps.den);
  EXPECT_EQ(told, fps + "," + fps + ",0.000000," + std::to_string(rate.frames) + "\n");
}

INSTANTIATE_TEST_SUITE_P(VideoWriter, EveryRate,
                         testing::Values(Rate{{24, 1}, 50, {25, 12}}, Rate{{24, 1}, 1, {1, 24}},
                                         Rate{{24, 1}, 2, {1, 12}},
                                         Rate{{30000, 1001}, 90, {3003, 1000}},
                                         Rate{{24000, 1001}, 100, {1001, 240}},
                                         Rate{{60, 1}, 61, {61, 60}}, Rate{{25, 2}, 10, {4, 5}}),
                         printed_name<Rate>);

class EveryCodec : public testing::TestWithParam<VideoCodec> {};

TEST_P(EveryCodec, MakesAFilmOfItsKind) {
  const TemporaryFolder folder;
  const VideoCodec codec = GetParam();
  VideoSettings wanted = writer_settings(codec);
  wanted.fps = {24000, 1001};
  make_film(folder / film_name(codec), wanted, 30);
  const FilmInfo film = inspect(folder / film_name(codec));
  EXPECT_EQ(film.codec, codec_name(codec));
  EXPECT_EQ("." + film.container, file_extension(codec));
  EXPECT_EQ(film.frames, 30);
  EXPECT_EQ(film.decoded, 30);
  EXPECT_EQ(film.fps, (Ratio{24000, 1001}));
  EXPECT_TRUE(film.each_frame_once);
  EXPECT_NEAR(film.seconds.value(), 30 * 1001 / 24000.0, codec == VideoCodec::ffv1 ? 0.001 : 1e-9);
  const bool intra = codec == VideoCodec::prores || codec == VideoCodec::ffv1;
  EXPECT_EQ(film.keyframes, intra ? 30 : 3);
  EXPECT_EQ(film.color_primaries, "bt709");
  EXPECT_EQ(film.color_transfer, "bt709");
  EXPECT_EQ(film.color_space, codec == VideoCodec::ffv1 ? "gbr" : "bt709");
  EXPECT_EQ(film.color_range, codec == VideoCodec::ffv1 ? "pc" : "tv");
  EXPECT_EQ(folder.names(), std::vector<std::string>{film_name(codec)});
}

TEST_P(EveryCodec, SameFramesSameBytes) {
  const TemporaryFolder folder;
  const VideoCodec codec = GetParam();
  VideoSettings wanted = writer_settings(codec);
  wanted.title = "Same";
  std::filesystem::create_directories(folder / "other");
  make_film(folder / film_name(codec), wanted, 20);
  make_film(folder / ("other/" + film_name(codec)), wanted, 20);
  EXPECT_EQ(read_text(folder / film_name(codec)),
            read_text(folder / ("other/" + film_name(codec))));
}

TEST_P(EveryCodec, ColoursComeBack) {
  const TemporaryFolder folder;
  const VideoCodec codec = GetParam();
  constexpr std::array<std::array<std::uint8_t, 3>, 12> patches = {{{0, 0, 0},
                                                                    {255, 255, 255},
                                                                    {255, 0, 0},
                                                                    {0, 255, 0},
                                                                    {0, 0, 255},
                                                                    {255, 255, 0},
                                                                    {0, 255, 255},
                                                                    {255, 0, 255},
                                                                    {128, 128, 128},
                                                                    {200, 120, 80},
                                                                    {60, 90, 160},
                                                                    {30, 140, 70}}};
  constexpr int kSide = 64;
  VideoSettings wanted = writer_settings(codec);
  wanted.width = 4 * kSide;
  wanted.height = 3 * kSide;
  if (codec != VideoCodec::prores && codec != VideoCodec::ffv1) wanted.quality = 1;
  std::vector<std::uint8_t> rgb;
  for (int y = 0; y < wanted.height; ++y) {
    for (int x = 0; x < wanted.width; ++x) {
      const auto& patch = patches[static_cast<std::size_t>(y / kSide * 4 + x / kSide)];
      rgb.insert(rgb.end(), patch.begin(), patch.end());
    }
  }
  VideoWriter writer = VideoWriter::open(folder / film_name(codec), wanted);
  for (int i = 0; i < 3; ++i) write_frame(writer, codec, rgb);
  writer.finish();

  int frames = 0;
  read_frames(folder / film_name(codec), [&](std::int64_t frame, const Image& image) {
    EXPECT_EQ(frame, frames++);
    ASSERT_EQ(image.width, wanted.width);
    if (codec == VideoCodec::ffv1) {
      EXPECT_EQ(image.rgb, rgb);
    }
    for (std::size_t p = 0; p < patches.size(); ++p) {
      const auto x = static_cast<int>(p % 4) * kSide + kSide / 2;
      const auto y = static_cast<int>(p / 4) * kSide + kSide / 2;
      for (int c = 0; c < 3; ++c) {
        EXPECT_NEAR(image.rgb[static_cast<std::size_t>((y * image.width + x) * 3 + c)],
                    patches[p][static_cast<std::size_t>(c)], 1)
            << "patch " << p << " channel " << c;
      }
    }
  });
  EXPECT_EQ(frames, 3);
}

TEST_P(EveryCodec, ScalesToTheOutputSize) {
  const TemporaryFolder folder;
  const VideoCodec codec = GetParam();
  VideoSettings wanted = writer_settings(codec);
  wanted.output_width = 192;
  wanted.output_height = 128;
  make_film(folder / film_name(codec), wanted, 3);
  const FilmInfo film = inspect(folder / film_name(codec));
  EXPECT_EQ(film.width, 192);
  EXPECT_EQ(film.height, 128);
  const Image small{96, 64, moving_picture(96, 64, 0)};
  const Image expected = resize(small, 192, 128);
  read_frames(folder / film_name(codec), [&](std::int64_t frame, const Image& image) {
    if (frame != 0) return;
    double difference = 0;
    for (std::size_t i = 0; i < image.rgb.size(); ++i) {
      difference += std::abs(image.rgb[i] - expected.rgb[i]);
    }
    EXPECT_LT(difference / static_cast<double>(image.rgb.size()),
              codec == VideoCodec::ffv1 ? 1e-9 : 6);
  });
}

TEST_P(EveryCodec, NothingPrivateIsStored) {
  const TemporaryFolder folder;
  const VideoCodec codec = GetParam();
  VideoSettings wanted = writer_settings(codec);
  wanted.title = "First light";
  make_film(folder / film_name(codec), wanted, 3);
  const std::string bytes = read_text(folder / film_name(codec));
  EXPECT_EQ(bytes.find("Lavc"), std::string::npos);
  EXPECT_EQ(bytes.find(folder.path().filename().string()), std::string::npos);
  EXPECT_EQ(bytes.find("creation_time"), std::string::npos);
  EXPECT_EQ(bytes.find("/tmp/"), std::string::npos);
  char host[256] = {};
  if (::gethostname(host, sizeof host - 1) == 0 && std::string(host).size() > 4) {
    EXPECT_EQ(bytes.find(host), std::string::npos);
  }
  EXPECT_EQ(inspect(folder / film_name(codec)).title, "First light");
}

TEST_P(EveryCodec, TheSceneComesBack) {
  const TemporaryFolder folder;
  const VideoCodec codec = GetParam();
  VideoSettings wanted = writer_settings(codec);
  EXPECT_TRUE((make_film(folder / film_name(codec), wanted, 2), true));
  EXPECT_EQ(read_embedded_scene(folder / film_name(codec)), "");
  wanted.scene_text = "# Erster Schimmer – 第一道光 🌅\n\ttitle = \"a \\\"b\\\"\"\r\n";
  while (wanted.scene_text.size() < 40'000) wanted.scene_text += "[[keyframe]]\nat = \"frame 1\"\n";
  wanted.scene_text += "\n\n";
  make_film(folder / film_name(codec), wanted, 2);
  EXPECT_EQ(read_embedded_scene(folder / film_name(codec)), wanted.scene_text);
}

INSTANTIATE_TEST_SUITE_P(VideoWriter, EveryCodec, testing::ValuesIn(kAll),
                         [](const auto& tested) { return std::string(codec_name(tested.param)); });

TEST(VideoWriter, TheIndexComesFirst) {
  const TemporaryFolder folder;
  make_film(folder / "film.mp4", writer_settings(VideoCodec::h264), 10);
  const std::string bytes = read_text(folder / "film.mp4");
  EXPECT_LT(bytes.find("moov"), bytes.find("mdat"));
  EXPECT_NE(bytes.find("moov"), std::string::npos);
}

TEST(VideoWriter, ChromaStandsOnTheLeftPixel) {
  // An edge between equally bright colours: half a pixel of chroma shift shows as a lopsided edge.
  const TemporaryFolder folder;
  VideoSettings wanted = writer_settings(VideoCodec::h264);
  wanted.quality = 1;
  std::vector<std::uint8_t> rgb;
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 96; ++x) {
      const int ramp = x * 2;  // a straight ramp keeps its place only without a shift
      rgb.insert(rgb.end(),
                 {static_cast<std::uint8_t>(ramp), 100, static_cast<std::uint8_t>(190 - ramp)});
    }
  }
  VideoWriter writer = VideoWriter::open(folder / "film.mp4", wanted);
  writer.write(rgb);
  writer.finish();
  read_frames(folder / "film.mp4", [&](std::int64_t, const Image& image) {
    double error = 0;
    for (int x = 16; x < 80; ++x) {
      const std::size_t at = static_cast<std::size_t>((32 * 96 + x) * 3);
      error += image.rgb[at + 2] - rgb[at + 2];
    }
    EXPECT_LT(std::abs(error / 64), 0.6);  // a shift of half a pixel would be 1
  });
}

TEST(VideoWriter, NothingIsPublishedBeforeFinish) {
  const TemporaryFolder folder;
  write_text(folder / "film.mp4", "the old film");
  {
    VideoWriter writer = VideoWriter::open(folder / "film.mp4", writer_settings(VideoCodec::h264));
    EXPECT_EQ(folder.names().size(), 2u);
    writer.write(moving_picture(96, 64, 0));
    EXPECT_EQ(read_text(folder / "film.mp4"), "the old film");
  }  // destroyed: abandoned
  EXPECT_EQ(folder.names(), std::vector<std::string>{"film.mp4"});
  VideoWriter writer = VideoWriter::open(folder / "film.mp4", writer_settings(VideoCodec::h264));
  writer.write(moving_picture(96, 64, 0));
  writer.abandon();
  EXPECT_EQ(folder.names(), std::vector<std::string>{"film.mp4"});
  EXPECT_EQ(read_text(folder / "film.mp4"), "the old film");
  EXPECT_EQ(kind_thrown([&] { writer.write(moving_picture(96, 64, 0)); }), Kind::internal);
  EXPECT_EQ(kind_thrown([&] { writer.finish(); }), Kind::internal);
  make_film(folder / "film.mp4", writer_settings(VideoCodec::h264), 2);
  EXPECT_EQ(inspect(folder / "film.mp4").frames, 2);
}

TEST(VideoWriter, WrongFramesAreRefused) {
  const TemporaryFolder folder;
  VideoWriter writer = VideoWriter::open(folder / "film.mp4", writer_settings(VideoCodec::h264));
  EXPECT_EQ(kind_thrown([&] { writer.write(moving_picture(96, 63, 0)); }), Kind::internal);
  EXPECT_EQ(kind_thrown([&] { writer.write(widen(moving_picture(96, 64, 0))); }), Kind::internal);
}

TEST(VideoWriter, AFilmWithoutFramesIsNone) {
  const TemporaryFolder folder;
  EXPECT_THROW(VideoWriter::open(folder / "film.mp4", writer_settings(VideoCodec::h264)).finish(),
               MediaError);
  EXPECT_TRUE(folder.names().empty());
}

TEST(VideoWriter, TwoAtOnceOnOneNameDoNotMeet) {
  const TemporaryFolder folder;
  VideoWriter a = VideoWriter::open(folder / "film.mp4", writer_settings(VideoCodec::h264));
  VideoWriter b = VideoWriter::open(folder / "film.mp4", writer_settings(VideoCodec::h264));
  for (int i = 0; i < 4; ++i) a.write(moving_picture(96, 64, i));
  for (int i = 0; i < 6; ++i) b.write(moving_picture(96, 64, i));
  a.finish();
  EXPECT_EQ(inspect(folder / "film.mp4").frames, 4);
  b.finish();
  EXPECT_EQ(inspect(folder / "film.mp4").frames, 6);
  EXPECT_EQ(folder.names(), std::vector<std::string>{"film.mp4"});
}

TEST(Proof, OfEveryCodecWithASongIsMadeInTheFileThatIsNamed) {
  const TemporaryFolder folder;
  write_click_song(folder / "song.wav", 3);
  write_text(folder / "film.mp4", "the old film");
  for (const VideoCodec codec : kAll) {
    VideoSettings wanted = writer_settings(codec);
    wanted.song = SongPart{folder / "song.wav", {1, 2}, {}};
    EXPECT_NO_THROW(prove(wanted, folder / film_name(codec), folder / "proof"));
  }
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"film.mp4", "proof", "song.wav"}));
  EXPECT_EQ(read_text(folder / "film.mp4"), "the old film");
  const auto prove_in = [&](const char* name, const char* file) {
    return kind_thrown(
        [&] { prove(writer_settings(VideoCodec::h264), folder / name, folder / file); });
  };
  EXPECT_EQ(prove_in("film.mp4", "no/proof"), Kind::cannot_create);
  EXPECT_EQ(prove_in("film.mkv", "proof"), Kind::usage);
}

TEST(VideoWriter, SaysNothingByItself) {
  const TemporaryFolder folder;
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  for (const VideoCodec codec : kAll)
    make_film(folder / film_name(codec), writer_settings(codec), 3);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
}

}  // namespace
}  // namespace latentreel::ffmpeg
