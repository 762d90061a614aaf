#include "src/optimize/starts.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "ffmpeg/image.h"
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
    keyframe.optimize.start_image =
        folder_.write("start.png", {reinterpret_cast<const char*>(png.data()), png.size()});
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

}  // namespace
}  // namespace latentreel::render
