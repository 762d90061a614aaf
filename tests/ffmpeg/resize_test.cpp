#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "ffmpeg/error.h"
#include "ffmpeg/image.h"
#include "tests/ffmpeg/media.h"

namespace latentreel::ffmpeg {
namespace {

double lanczos(double x) {
  const auto sinc = [](double t) {
    return t == 0 ? 1 : std::sin(std::numbers::pi * t) / (std::numbers::pi * t);
  };
  return std::abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0;
}

// One output value straight from the definition, in doubles and without rounding in between.
double reference(const Image& image, int width, int height, int x, int y, int channel) {
  const auto weights = [](int from, int to, int at) {
    const double scale = static_cast<double>(from) / to;
    const double stretch = std::max(1.0, scale);
    std::vector<double> all(static_cast<std::size_t>(from));
    double total = 0;
    for (int i = 0; i < from; ++i) {
      all[static_cast<std::size_t>(i)] = lanczos((i + 0.5 - (at + 0.5) * scale) / stretch);
      total += all[static_cast<std::size_t>(i)];
    }
    for (auto& weight : all) weight /= total;
    return all;
  };
  const auto columns = weights(image.width, width, x);
  const auto rows = weights(image.height, height, y);
  double sum = 0;
  for (std::size_t v = 0; v < rows.size(); ++v) {
    double line = 0;
    for (std::size_t u = 0; u < columns.size(); ++u) {
      line +=
          columns[u] * image.rgb[(v * columns.size() + u) * 3 + static_cast<std::size_t>(channel)];
    }
    sum += rows[v] * std::clamp(line, 0.0, 255.0);
  }
  return std::clamp(sum, 0.0, 255.0);
}

Image picture(int width, int height) {
  return {width, height, moving_picture(width, height, 3)};
}

TEST(Resize, SameSizeIsTheSamePicture) {
  const Image image = picture(17, 9);
  EXPECT_EQ(resize(image, 17, 9), image);
}

TEST(Resize, FollowsTheDefinition) {
  const Image image = picture(31, 23);
  const std::pair<int, int> sizes[] = {{62, 46}, {15, 11}, {31, 11}, {7, 50}, {1, 1}, {3, 2}};
  for (const auto& [width, height] : sizes) {
    const Image out = resize(image, width, height);
    ASSERT_EQ(out.rgb.size(), static_cast<std::size_t>(width * height * 3));
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        for (int c = 0; c < 3; ++c) {
          const double expected = reference(image, width, height, x, y, c);
          EXPECT_NEAR(out.rgb[static_cast<std::size_t>((y * width + x) * 3 + c)], expected, 1.1)
              << width << "x" << height << " at " << x << "," << y;
        }
      }
    }
  }
}

TEST(Resize, FlatStaysFlatAtAnyRatio) {
  const Image flat{100, 60, std::vector<std::uint8_t>(100 * 60 * 3, 255)};
  const Image16 flat16{100, 60, std::vector<std::uint16_t>(100 * 60 * 3, 40000)};
  const std::pair<int, int> sizes[] = {{1, 1}, {7, 3}, {99, 61}, {400, 240}};
  for (const auto& [width, height] : sizes) {
    for (const auto value : resize(flat, width, height).rgb) EXPECT_EQ(value, 255);
    for (const auto value : resize(flat16, width, height).rgb) EXPECT_NEAR(value, 40000, 30);
  }
}

TEST(Resize, SixteenBitsAgreeWithEight) {
  const Image image = picture(40, 30);
  const Image small = resize(image, 90, 17);
  const Image16 wide = resize(Image16{40, 30, widen(image.rgb)}, 90, 17);
  for (std::size_t i = 0; i < small.rgb.size(); ++i) {
    EXPECT_NEAR(wide.rgb[i] / 257.0, small.rgb[i], 1.01);
  }
}

TEST(Resize, RefusesSizesThatAreNone) {
  EXPECT_THROW(resize(picture(4, 4), 0, 4), MediaError);
  EXPECT_THROW(resize(Image{4, 4, {1, 2, 3}}, 8, 8), MediaError);
}

}  // namespace
}  // namespace latentreel::ffmpeg
