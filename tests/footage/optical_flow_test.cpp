#include "src/footage/optical_flow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>
#include <vector>

#include "ffmpeg/image.h"

namespace latentreel::footage {
namespace {

using ffmpeg::Image;

constexpr int kWidth = 160, kHeight = 128;

struct Vector {
  double x = 0, y = 0;
};

// Waves of many lengths and directions, the longer the stronger, as in pictures of the world; known
// between pixels too.
double texture(double x, double y, double seed) {
  double value = 0;
  for (int wave = 0; wave < 14; ++wave) {
    const double turn = seed + 2.4 * wave, length = 90 * std::pow(0.82, wave);
    value +=
        length * std::sin((std::cos(turn) * x + std::sin(turn) * y) * 6.2832 / length + 1.7 * wave);
  }
  return 128 + 0.4 * value;
}

// A disc before a wall, after `time` frames in which each has gone its way.
struct Stage {
  Vector wall, disc;
  Vector middle = {70, 60};
  double radius = 28;

  double away(double x, double y, double time) const {
    return std::hypot(x - middle.x - time * disc.x, y - middle.y - time * disc.y) - radius;
  }

  Image at(double time) const {
    Image image{kWidth, kHeight, {}};
    for (int y = 0; y < kHeight; ++y) {
      for (int x = 0; x < kWidth; ++x) {
        const double inside = std::clamp(0.5 - away(x, y, time), 0.0, 1.0);
        const double value = inside * texture(x - time * disc.x, y - time * disc.y, 0.3) +
                             (1 - inside) * texture(x - time * wall.x, y - time * wall.y, 1.1);
        image.rgb.insert(image.rgb.end(), 3,
                         static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 255.0))));
      }
    }
    return image;
  }
};

Vector vector_at(const Flow& flow, int x, int y) {
  const auto i = static_cast<std::size_t>(y * flow.width + x) * 2;
  return {flow.vectors[i], flow.vectors[i + 1]};
}

struct Errors {
  double mean = 0, largest = 0;
  int count = 0;
};

// Of a flow against what moves, where `counts(x, y)`.
template <class Truth, class Counts>
Errors errors_of(const Flow& flow, Truth truth, Counts counts) {
  Errors errors;
  for (int y = 12; y < kHeight - 12; ++y) {
    for (int x = 12; x < kWidth - 12; ++x) {
      if (!counts(x, y)) continue;
      const Vector is = vector_at(flow, x, y), should = truth(x, y);
      const double error = std::hypot(is.x - should.x, is.y - should.y);
      errors.mean += error;
      errors.largest = std::max(errors.largest, error);
      ++errors.count;
    }
  }
  errors.mean /= std::max(1, errors.count);
  return errors;
}

class KnownMotion : public testing::TestWithParam<Stage> {};

TEST_P(KnownMotion, IsFoundToAFractionOfAPixel) {
  const Stage stage = GetParam();
  const Motion motion = find_motion(stage.at(0), stage.at(1));
  // Of the disc before and after: what lies between is hidden in one of the pictures.
  const auto away_from_edges = [&](int x, int y) {
    return std::abs(stage.away(x, y, 0)) > 10 && std::abs(stage.away(x, y, 1)) > 10;
  };
  const auto forward = errors_of(
      motion.forward,
      [&](int x, int y) { return stage.away(x, y, 0) < 0 ? stage.disc : stage.wall; },
      away_from_edges);
  const auto backward = errors_of(
      motion.backward,
      [&](int x, int y) {
        const Vector go = stage.away(x, y, 1) < 0 ? stage.disc : stage.wall;
        return Vector{-go.x, -go.y};
      },
      away_from_edges);
  for (const auto& errors : {forward, backward}) {
    EXPECT_GT(errors.count, 5000);
    EXPECT_LT(errors.mean, 0.1);
    EXPECT_LT(errors.largest, 0.5);
  }
}

INSTANTIATE_TEST_SUITE_P(OpticalFlow, KnownMotion,
                         testing::Values(Stage{{0, 0}, {0, 0}}, Stage{{1.5, -0.75}, {4.25, 2}},
                                         Stage{{-3, 0.5}, {5.5, -3.25}},
                                         Stage{{0.25, 0}, {-0.5, 0.125}}, Stage{{0, 0}, {9, 6}}));

TEST(OpticalFlow, WhatWasHiddenIsTold) {
  const Stage stage{{0, 0}, {10, 0}};
  const Motion motion = find_motion(stage.at(0), stage.at(1));
  ASSERT_EQ(motion.hidden.size(), std::size_t{kWidth} * kHeight);
  int uncovered = 0, told = 0, still = 0, wrongly_told = 0;
  for (int y = 12; y < kHeight - 12; ++y) {
    for (int x = 12; x < kWidth - 12; ++x) {
      const bool hidden = motion.hidden[static_cast<std::size_t>(y * kWidth + x)] != 0;
      // The wall that the disc has just left, and what is far from all edges.
      if (stage.away(x, y, 0) < -2 && stage.away(x, y, 1) > 2) {
        ++uncovered;
        told += hidden;
      } else if (std::abs(stage.away(x, y, 1)) > 14 && std::abs(stage.away(x, y, 0)) > 14) {
        ++still;
        wrongly_told += hidden;
      }
    }
  }
  EXPECT_GT(uncovered, 150);
  EXPECT_GT(told, uncovered * 7 / 10);
  EXPECT_GT(still, 3000);
  EXPECT_EQ(wrongly_told, 0);
}

TEST(OpticalFlow, IsTheSameEachTime) {
  const Stage stage{{1.5, -0.75}, {4.25, 2}};
  const Image earlier = stage.at(0), later = stage.at(1);
  const Flow once = find_flow(earlier, later);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(find_flow(earlier, later) == once);
}

TEST(OpticalFlow, NothingMovesBetweenAPictureAndItself) {
  const Image image = Stage{}.at(0);
  for (const float value : find_flow(image, image).vectors) ASSERT_NEAR(value, 0, 0.01);
  for (const Image& plain :
       {Image{64, 48, std::vector<std::uint8_t>(64 * 48 * 3, 90)},
        Image{kLeastFlowSide, kLeastFlowSide,
              std::vector<std::uint8_t>(std::size_t{kLeastFlowSide} * kLeastFlowSide * 3, 7)}}) {
    for (const float value : find_flow(plain, plain).vectors) ASSERT_NEAR(value, 0, 0.01);
  }
}

TEST(OpticalFlow, AnySizeFromTheLeastOn) {
  for (const auto& [width, height] :
       {std::pair{16, 16}, {17, 31}, {200, 16}, {16, 333}, {97, 61}}) {
    Image image{width, height, {}};
    for (int i = 0; i < width * height * 3; ++i) {
      image.rgb.push_back(static_cast<std::uint8_t>(i / 3 * 37 % 256));
    }
    const Flow flow = find_flow(image, image);
    EXPECT_EQ(flow.width, width);
    EXPECT_EQ(flow.vectors.size(), static_cast<std::size_t>(width * height * 2));
    for (const float value : flow.vectors) ASSERT_TRUE(std::isfinite(value));
  }
}

TEST(OpticalFlow, PicturesThatDoNotGoTogetherAreRefused) {
  const auto plain = [](int width, int height) {
    return Image{width, height,
                 std::vector<std::uint8_t>(static_cast<std::size_t>(width * height * 3))};
  };
  EXPECT_THROW(find_flow(plain(32, 32), plain(32, 33)), std::invalid_argument);
  EXPECT_THROW(find_flow(plain(15, 32), plain(15, 32)), std::invalid_argument);
  EXPECT_THROW(find_flow(Image{32, 32, {}}, plain(32, 32)), std::invalid_argument);
  EXPECT_NO_THROW(find_flow(plain(32, 32), plain(32, 32)));
}

// A flow that is the same everywhere.
Flow even_flow(int width, int height, float x, float y) {
  Flow flow{width, height, {}};
  for (int i = 0; i < width * height; ++i) flow.vectors.insert(flow.vectors.end(), {x, y});
  return flow;
}

TEST(Hidden, IsWhatDoesNotLeadHome) {
  // Everything goes three to the right: what enters on the left has not been in sight.
  const auto hidden = find_hidden(even_flow(10, 4, -3, 0), even_flow(10, 4, 3, 0));
  for (std::size_t i = 0; i < hidden.size(); ++i) ASSERT_EQ(hidden[i], i % 10 < 3 ? 1 : 0) << i;
  // Off by a vector v: hidden where |v|^2 > 0.01 (|f|^2 + |b|^2) + 0.5.
  const auto all = [](float back, float forth) {
    const auto mask = find_hidden(even_flow(10, 4, 0, back), even_flow(10, 4, 0, forth));
    return mask[0];
  };
  EXPECT_EQ(all(0, 0.70f), 0);
  EXPECT_EQ(all(0, 0.72f), 1);
  EXPECT_EQ(all(2, -2.7f), 0);
  EXPECT_EQ(all(2, -2.8f), 1);
  Flow broken = even_flow(10, 4, 0, 0);
  broken.vectors[0] = std::nanf("");
  EXPECT_EQ(find_hidden(broken, even_flow(10, 4, 0, 0))[0], 1);
  EXPECT_EQ(find_hidden(even_flow(10, 4, 0, 0), broken)[0], 1);
  EXPECT_THROW(find_hidden(even_flow(10, 4, 0, 0), even_flow(4, 10, 0, 0)), std::invalid_argument);
}

TEST(Hidden, FlowIsReadBetweenPixels) {
  // Forward grows by 1 from column to column; backward leads half a pixel to the right.
  Flow forward = even_flow(10, 4, 0, 0);
  for (std::size_t i = 0; i < 40; ++i) forward.vectors[2 * i] = static_cast<float>(i % 10);
  const auto hidden = find_hidden(even_flow(10, 4, 0.5f, 0), forward);
  // Column c arrives at c + 0.5, where forward is c + 0.5: off by c + 1.
  EXPECT_EQ(hidden[0], 1);
  const auto home = find_hidden(even_flow(10, 4, 0.4f, 0), [&] {
    Flow scaled = forward;
    for (float& value : scaled.vectors) value = -value;
    return scaled;
  }());
  // At 0.4 forward is -0.4.
  EXPECT_EQ(home[0], 0);
  EXPECT_EQ(home[1], 1);
}

TEST(FlowPicture, HueSaysWhereToAndStrengthHowFar) {
  const auto colour = [](float x, float y, double farthest) {
    return picture_of(even_flow(1, 1, x, y), farthest).rgb;
  };
  using testing::ElementsAre;
  EXPECT_THAT(colour(0, 0, 5), ElementsAre(255, 255, 255));
  EXPECT_THAT(colour(0, 0, 0), ElementsAre(255, 255, 255));
  EXPECT_THAT(colour(5, 0, 5), ElementsAre(255, 0, 0));
  EXPECT_THAT(colour(50, 0, 5), ElementsAre(255, 0, 0));
  EXPECT_THAT(colour(-5, 0, 5), ElementsAre(0, 255, 255));
  EXPECT_THAT(colour(0, 5, 5), ElementsAre(testing::AnyOf(127, 128), 255, 0));
  EXPECT_THAT(colour(0, -5, 5), ElementsAre(testing::AnyOf(127, 128), 0, 255));
  EXPECT_THAT(colour(2.5f, 0, 5),
              ElementsAre(255, testing::AnyOf(127, 128), testing::AnyOf(127, 128)));
  EXPECT_THAT(colour(0.001f, 0, 0), ElementsAre(255, 0, 0));
  const Image image = picture_of(even_flow(7, 3, 1, 1));
  EXPECT_EQ(image.width, 7);
  EXPECT_EQ(image.height, 3);
  EXPECT_EQ(image.rgb.size(), 63u);
}

}  // namespace
}  // namespace latentreel::footage
