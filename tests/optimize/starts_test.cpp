#include "src/optimize/starts.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "ffmpeg/error.h"
#include "ffmpeg/image.h"
#include "ffmpeg/video_clip.h"
#include "src/optimize/stills.h"
#include "tests/optimize/tiny_pair.h"
#include "tests/temporary_folder.h"

namespace latentreel::render {
namespace {

ffmpeg::Image slope(int width, int height) {
  ffmpeg::Image image{.width = width, .height = height, .rgb = {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      image.rgb.push_back(static_cast<std::uint8_t>(255 * x / width));
      image.rgb.push_back(static_cast<std::uint8_t>(255 * y / height));
      image.rgb.push_back(static_cast<std::uint8_t>(x * y % 256));
    }
  }
  return image;
}

// The picture with `left` more columns and `top` more rows, as its edges are, and more on the other
// sides up to width x height.
ffmpeg::Image with_margins(const ffmpeg::Image& picture, int left, int top, int width, int height) {
  ffmpeg::Image image{.width = width, .height = height, .rgb = {}};
  for (int y = 0; y < height; ++y) {
    const int row = std::clamp(y - top, 0, picture.height - 1);
    for (int x = 0; x < width; ++x) {
      const int column = std::clamp(x - left, 0, picture.width - 1);
      const auto* pixel = &picture.rgb[static_cast<size_t>(row * picture.width + column) * 3];
      image.rgb.insert(image.rgb.end(), pixel, pixel + 3);
    }
  }
  return image;
}

class PictureStart : public ::testing::Test {
 protected:
  at::Tensor start(const ffmpeg::Image& picture, const std::optional<PictureSize>& shown) {
    const auto png = ffmpeg::encode_png(picture);
    scenes::Keyframe keyframe;
    keyframe.optimize.start = scenes::StartKind::image;
    keyframe.optimize.start_image = {
        .file =
            folder_.write("start.png", {reinterpret_cast<const char*>(png.data()), png.size()})};
    return begun(keyframe, shown);
  }
  at::Tensor begun(const scenes::Keyframe& keyframe, const std::optional<PictureSize>& shown) {
    return make_start(keyframe, models_, {8, 8}, {}, std::nullopt, shown).latent.z();
  }

  TemporaryFolder folder_;
  ModelPack models_{testing::tiny_files(), testing::test_machine()};
};

// So that a film of 60x51 begins with the picture as it is, not with its middle.
TEST_F(PictureStart, LiesWhereAFilmShowsIt) {
  const auto picture = slope(60, 51);
  const auto expected = start(with_margins(picture, 2, 6, 64, 64), std::nullopt);
  EXPECT_TRUE(at::equal(start(picture, PictureSize{.height = 51, .width = 60}), expected));
}

TEST_F(PictureStart, IsScaledToWhatIsShown) {
  const auto large = slope(120, 100);
  const PictureSize shown{.height = 56, .width = 40};
  EXPECT_TRUE(at::equal(start(large, shown), start(ffmpeg::resize(large, 40, 56), shown)));
  EXPECT_TRUE(at::equal(start(large, std::nullopt), start(ffmpeg::resize(large, 64, 64), {})));
}

// The clip and the moment, to the frame: half a clip's frame later it is the same, a whole one
// later another.
TEST_F(PictureStart, CanBeAMomentOfAClip) {
  const std::filesystem::path file = LATENTREEL_SOURCE_DIR "/examples/meadow.mp4";
  ffmpeg::VideoClip clip(file);
  const auto frame = clip.info().frame_rate;
  const auto at = [&](int halves) {
    scenes::Keyframe keyframe;
    keyframe.optimize.start = scenes::StartKind::image;
    const scenes::RationalTime time(halves * frame.den, 2 * frame.num);
    keyframe.optimize.start_image = {.file = file, .at = time};
    return begun(keyframe, std::nullopt);
  };
  const auto moment = at(24);
  EXPECT_TRUE(at::equal(moment, start(clip.at({12 * frame.den, frame.num}), std::nullopt)));
  EXPECT_TRUE(at::equal(moment, at(25)));
  EXPECT_FALSE(at::equal(moment, at(26)));
}

TEST(Stills, HaveToBeWithinTheirClip) {
  const std::filesystem::path file = LATENTREEL_SOURCE_DIR "/examples/meadow.mp4";
  const auto length = ffmpeg::VideoClip(file).length().seconds;
  const auto end = scenes::RationalTime(length.num, length.den);
  EXPECT_NO_THROW(read_still({file, end - scenes::RationalTime(1, 1000)}));
  try {
    read_still({file, end});
    FAIL();
  } catch (const ffmpeg::MediaError& error) {
    EXPECT_EQ(error.kind(), ffmpeg::MediaError::Kind::invalid);
    EXPECT_NE(std::string(error.what()).find("shows nothing at"), std::string::npos)
        << error.what();
  }
  EXPECT_THROW(read_still({LATENTREEL_SOURCE_DIR "/examples/metronome.m4a", end}),
               ffmpeg::MediaError)
      << "a song is no clip";
}

}  // namespace
}  // namespace latentreel::render
