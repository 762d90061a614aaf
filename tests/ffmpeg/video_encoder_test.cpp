#include "ffmpeg/video_encoder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "ffmpeg/film_check.h"
#include "ffmpeg/muxer.h"
#include "tests/ffmpeg/media.h"

namespace latentreel::ffmpeg {
namespace {

class EncodeAndJoin : public testing::TestWithParam<VideoCodec> {};

std::vector<VideoPacket> encode(const VideoSettings& settings, int from, int to,
                                VideoFormat* format) {
  VideoEncoder encoder(settings);
  *format = encoder.format();
  std::vector<VideoPacket> all;
  const auto keep = [&](std::vector<VideoPacket> packets) {
    for (auto& packet : packets) all.push_back(std::move(packet));
  };
  for (int i = from; i < to; ++i) {
    const auto rgb = moving_picture(settings.width, settings.height, i);
    if (bit_depth(settings.codec) == 8) {
      keep(encoder.encode(rgb));
    } else {
      keep(encoder.encode(widen(rgb)));
    }
  }
  keep(encoder.finish());
  return all;
}

TEST_P(EncodeAndJoin, PacketsAreNumberedWithoutGaps) {
  const VideoSettings settings{.width = 96, .height = 64, .codec = GetParam(), .gop = 12};
  for (const int frames : {1, 2, 3, 12, 13, 40}) {
    VideoFormat format;
    const auto packets = encode(settings, 0, frames, &format);
    ASSERT_EQ(packets.size(), static_cast<std::size_t>(frames));
    std::set<std::int64_t> seen;
    for (std::size_t k = 0; k < packets.size(); ++k) {
      EXPECT_EQ(packets[k].dts, static_cast<std::int64_t>(k) - format.delay);
      EXPECT_GE(packets[k].pts, packets[k].dts);
      seen.insert(packets[k].pts);
      const bool intra = settings.codec == VideoCodec::prores || settings.codec == VideoCodec::ffv1;
      EXPECT_EQ(packets[k].key, intra || packets[k].pts % 12 == 0);
      if (packets[k].key) {
        EXPECT_EQ(packets[k].pts, static_cast<std::int64_t>(k)) << "closed groups";
      }
    }
    EXPECT_EQ(*seen.begin(), 0);
    EXPECT_EQ(*seen.rbegin(), frames - 1);
    EXPECT_EQ(seen.size(), packets.size());
  }
}

TEST_P(EncodeAndJoin, SegmentsJoinToOneFilm) {
  const TemporaryFolder folder;
  const VideoSettings settings{
      .width = 96, .height = 64, .fps = {24000, 1001}, .codec = GetParam(), .gop = 12};
  const std::string name = "film" + std::string(file_extension(GetParam()));
  // Three segments, the last one a single frame.
  const std::pair<int, int> segments[] = {{0, 24}, {24, 48}, {48, 49}};
  VideoFormat format;
  encode(settings, 0, 1, &format);
  Muxer muxer(folder / name, format, {});
  for (const auto& [from, to] : segments) {
    VideoFormat segment_format;
    auto packets = encode(settings, from, to, &segment_format);
    EXPECT_EQ(segment_format, format);
    for (auto& packet : packets) {
      packet.pts += from;
      packet.dts += from;
      muxer.write(packet);
    }
  }
  EXPECT_EQ(muxer.complete().frames, 49);
  const FilmInfo film = inspect(folder / name);
  EXPECT_EQ(film.decoded, 49);
  EXPECT_TRUE(film.each_frame_once);
  EXPECT_NEAR(film.seconds.value(), 49 * 1001 / 24000.0, 0.0011);
  read_frames(folder / name, [&](std::int64_t frame, const Image& image) {
    const auto expected = moving_picture(96, 64, static_cast<int>(frame));
    double difference = 0;
    for (std::size_t i = 0; i < expected.size(); ++i)
      difference += std::abs(image.rgb[i] - expected[i]);
    EXPECT_LT(difference / static_cast<double>(expected.size()), 12) << "frame " << frame;
  });
}

// As a run does that is stopped. (SVT-AV1 waited forever.)
TEST_P(EncodeAndJoin, MayBeGivenUpAtAnyFrame) {
  const VideoSettings settings{.width = 96, .height = 64, .codec = GetParam(), .gop = 12};
  for (const int frames : {0, 1, 2, 5, 20}) {
    VideoEncoder encoder(settings);
    for (int i = 0; i < frames; ++i) {
      const auto rgb = moving_picture(settings.width, settings.height, i);
      bit_depth(settings.codec) == 8 ? encoder.encode(rgb) : encoder.encode(widen(rgb));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(VideoEncoder, EncodeAndJoin,
                         testing::Values(VideoCodec::h264, VideoCodec::hevc, VideoCodec::av1,
                                         VideoCodec::prores, VideoCodec::ffv1),
                         [](const auto& tested) { return std::string(codec_name(tested.param)); });

struct Enough {};

// As a stop does, while the file is ended or read back.
TEST(Muxer, CompletingEndsAtAnyLook) {
  const TemporaryFolder folder;
  const VideoSettings settings{.width = 96, .height = 64, .gop = 12};
  VideoFormat format;
  const auto packets = encode(settings, 0, 30, &format);
  const auto complete = [&](int end_at) {
    Muxer muxer(folder / "film.mp4", format, {});
    for (const auto& packet : packets) muxer.write(packet);
    int looks = 0;
    muxer.complete([&] {
      if (++looks == end_at) throw Enough();
    });
    return looks;
  };
  const int looks = complete(0);
  ASSERT_GT(looks, 30);  // at each packet that is read back, and while the file is ended
  for (int at = 1; at <= looks; ++at) EXPECT_THROW(complete(at), Enough) << at;
  EXPECT_EQ(complete(0), looks);
  EXPECT_EQ(inspect(folder / "film.mp4").decoded, 30);
}

TEST(Muxer, AMissingPacketIsFoundWhenReadingBack) {
  const TemporaryFolder folder;
  const VideoSettings settings{.width = 96, .height = 64, .gop = 12};
  VideoFormat format;
  const auto packets = encode(settings, 0, 30, &format);
  Muxer muxer(folder / "film.mp4", format, {});
  for (std::size_t i = 0; i < packets.size(); ++i) {
    if (i != 12) muxer.write(packets[i]);  // a keyframe
  }
  EXPECT_EQ(kind_thrown([&] { muxer.complete(); }), MediaError::Kind::write_failed);
}

TEST(Muxer, ADamagedPacketIsFoundWhenReadingBack) {
  const TemporaryFolder folder;
  const VideoSettings settings{.width = 96, .height = 64, .gop = 12};
  VideoFormat format;
  auto packets = encode(settings, 0, 30, &format);
  Muxer muxer(folder / "film.mp4", format, {});
  auto& data = packets[12].data;
  for (std::size_t i = data.size() / 2; i < data.size(); ++i) data[i] ^= 0x55;
  for (const auto& packet : packets) muxer.write(packet);
  EXPECT_EQ(kind_thrown([&] { muxer.complete(); }), MediaError::Kind::write_failed);
}

TEST_P(EncodeAndJoin, SmallPicturesAreRepeatable) {
  for (const auto& [width, height] :
       {std::pair{64, 64}, {96, 64}, {64, 256}, {256, 64}, {112, 80}}) {
    const VideoSettings settings{.width = width, .height = height, .codec = GetParam(), .gop = 12};
    std::set<std::string> seen;
    std::vector<std::vector<char>> rubbish;  // other memory for every run
    for (int run = 0; run < 6; ++run) {
      VideoFormat format;
      std::string bytes;
      for (const auto& packet : encode(settings, 0, 48, &format)) {
        bytes.append(packet.data.begin(), packet.data.end());
      }
      seen.insert(bytes);
      rubbish.emplace_back(10'000 + 1'000 * run, static_cast<char>(run));
    }
    EXPECT_EQ(seen.size(), 1u) << width << "x" << height;
  }
}

TEST(VideoEncoder, TheQualityScaleIsOne) {
  // The same number means about the same look, so it must not mean ten times the bytes.
  for (const VideoCodec codec : {VideoCodec::h264, VideoCodec::hevc, VideoCodec::av1}) {
    std::size_t last = SIZE_MAX;
    for (const double quality : {0.0, 12.0, 24.0, 36.0, 51.0}) {
      VideoSettings settings{.width = 128, .height = 128, .codec = codec, .quality = quality};
      VideoFormat format;
      std::size_t bytes = 0;
      for (const auto& packet : encode(settings, 0, 12, &format)) bytes += packet.data.size();
      EXPECT_LT(bytes, last) << codec_name(codec) << " at " << quality;
      last = bytes;
    }
  }
}

}  // namespace
}  // namespace latentreel::ffmpeg
