#include "src/frames/camera_view.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "ffmpeg/segment.h"
#include "src/frames/segment_sink.h"

namespace latentreel::render {
namespace {

using scenes::Camera;
using scenes::Edge;

constexpr Edge kEdges[] = {Edge::mirror, Edge::border, Edge::wrap, Edge::black};

at::Tensor picture_of(int64_t height, int64_t width) {
  const auto numbers = at::arange(3 * height * width, at::kDouble);
  return (0.5 + 0.5 * at::sin(numbers * numbers * 0.7 + numbers))
      .to(at::kFloat)
      .view({3, height, width});
}

// --- The definition, pixel by pixel and in double ------------------------------------------------

// The number in a picture of that which is `number` of an endless row; -1: black.
int64_t number_inside(int64_t number, int64_t side, Edge edge) {
  const auto outside = [&] { return number < 0 || number >= side; };
  switch (edge) {
    case Edge::mirror:
      while (outside()) number = number < 0 ? -1 - number : 2 * side - 1 - number;
      return number;
    case Edge::border:
      return number < 0 ? 0 : std::min(number, side - 1);
    case Edge::wrap:
      while (outside()) number += number < 0 ? side : -side;
      return number;
    case Edge::black:
      return outside() ? -1 : number;
  }
  return -1;
}

// Catmull-Rom's kernel at a distance.
double kernel(double x) {
  x = std::abs(x);
  if (x < 1) return 1.5 * x * x * x - 2.5 * x * x + 1;
  if (x < 2) return -0.5 * x * x * x + 2.5 * x * x - 4 * x + 2;
  return 0;
}

double sampled(const at::Tensor& picture, int64_t channel, double u, double v, Edge edge) {
  const auto values = picture.accessor<float, 3>();
  double sum = 0;
  const auto left = static_cast<int64_t>(std::floor(u)) - 1;
  const auto top = static_cast<int64_t>(std::floor(v)) - 1;
  for (int64_t y = top; y < top + 4; ++y) {
    for (int64_t x = left; x < left + 4; ++x) {
      const auto row = number_inside(y, picture.size(1), edge);
      const auto column = number_inside(x, picture.size(2), edge);
      if (row < 0 || column < 0) continue;
      sum += kernel(u - static_cast<double>(x)) * kernel(v - static_cast<double>(y)) *
             values[channel][row][column];
    }
  }
  return sum;
}

struct Place {
  double u, v;
};

// Where in the picture, in pixels, a place of the result is seen, counted in its pixels.
Place place_of(const at::Tensor& picture, const Camera& c, PictureSize result, double column,
               double row) {
  const auto width = static_cast<double>(result.width), height = static_cast<double>(result.height);
  const double x = (column + 0.5) / width - 0.5, y = ((row + 0.5) / height - 0.5) * height / width;
  const double seen_x = c.xx * x + c.xy * y + c.x, seen_y = c.yx * x + c.yy * y + c.y;
  return {.u = (seen_x + 0.5) * static_cast<double>(picture.size(2)) - 0.5,
          .v = (seen_y * width / height + 0.5) * static_cast<double>(picture.size(1)) - 0.5};
}

// The most that a step of one pixel in the result, in any direction, moves in the picture.
double shrunk_by(const at::Tensor& picture, const Camera& camera, PictureSize result) {
  const auto origin = place_of(picture, camera, result, 0, 0);
  double most = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double angle = std::numbers::pi * i / 100'000;
    const auto there = place_of(picture, camera, result, std::cos(angle), std::sin(angle));
    most = std::max(most, std::hypot(there.u - origin.u, there.v - origin.v));
  }
  return most;
}

at::Tensor by_definition(const at::Tensor& picture, const Camera& camera, PictureSize result) {
  const double shrunk = shrunk_by(picture, camera, result);
  const int samples = shrunk > 1 + 1e-6 ? static_cast<int>(std::ceil(shrunk)) : 1;
  const double part = samples > 1 ? std::sqrt(1 - 1 / (shrunk * shrunk)) : 0;
  const auto inside = [&](int i) { return ((i + 0.5) / samples - 0.5) * part; };
  auto seen = at::zeros({3, result.height, result.width});
  auto values = seen.accessor<float, 3>();
  for (int64_t row = 0; row < result.height; ++row) {
    for (int64_t column = 0; column < result.width; ++column) {
      for (int64_t channel = 0; channel < 3; ++channel) {
        double sum = 0;
        for (int i = 0; i < samples * samples; ++i) {
          const auto place =
              place_of(picture, camera, result, static_cast<double>(column) + inside(i % samples),
                       static_cast<double>(row) + inside(i / samples));
          sum += sampled(picture, channel, place.u, place.v, camera.edge);
        }
        values[channel][row][column] = static_cast<float>(sum / (samples * samples));
      }
    }
  }
  return seen;
}

double most_apart(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

// --- Tests ---------------------------------------------------------------------------------------

TEST(CameraView, IsWhatTheDefinitionSays) {
  const Camera cameras[] = {
      {.xx = 0.43, .xy = -0.2, .x = 0.11, .yx = 0.31, .yy = 0.4, .y = -0.07},  // nearer and turned
      {.xx = 0.9, .xy = 0.3, .x = -17.3, .yx = -0.3, .yy = 0.8, .y = 41.9},    // far away
      {.xx = 2.3, .xy = 0.7, .x = 0.2, .yx = -0.1, .yy = 1.9, .y = 0.3},       // smaller
      {.xx = -1, .yy = 0.3, .y = 1},                                           // mirrored
      {.resized = true}};
  const PictureSize sizes[] = {{1, 1}, {1, 7}, {5, 3}, {9, 16}};
  for (auto camera : cameras) {
    for (const auto& size : sizes) {
      const auto picture = picture_of(size.height, size.width);
      for (const auto& result : {PictureSize{4, 6}, PictureSize{9, 16}, PictureSize{11, 5}}) {
        for (const Edge edge : kEdges) {
          camera.edge = edge;
          const auto seen = seen_through(picture, camera, result);
          ASSERT_EQ(seen.sizes(), (at::IntArrayRef{3, result.height, result.width}));
          EXPECT_LT(most_apart(seen, by_definition(picture, camera, result)), 5e-5)
              << size.height << "x" << size.width << " as " << result.height << "x" << result.width
              << ", edge " << scenes::name_of(edge) << ", xx " << camera.xx;
        }
      }
    }
  }
}

TEST(CameraView, OfThePictureAsItIsHasItsBits) {
  const auto picture = picture_of(9, 16);
  EXPECT_TRUE(at::equal(seen_through(picture, {}, {9, 16}), picture));
  EXPECT_TRUE(
      at::equal(seen_through(picture, {.edge = Edge::black, .resized = true}, {9, 16}), picture));
}

// Whole pictures to the side: only pixels that are there, and so the bits of the definition.
TEST(CameraView, BesideThePictureIsWhatTheEdgeSays) {
  const auto picture = picture_of(8, 16);
  const auto beside = [&](double x, Edge edge) {
    return seen_through(picture, {.x = x, .edge = edge}, {8, 16});
  };
  EXPECT_TRUE(at::equal(beside(1, Edge::wrap), picture));
  EXPECT_TRUE(at::equal(beside(-100'000, Edge::wrap), picture));
  EXPECT_TRUE(at::equal(beside(0.25, Edge::wrap), picture.roll(-4, 2)));
  EXPECT_TRUE(at::equal(beside(1, Edge::mirror), picture.flip(2)));
  EXPECT_TRUE(at::equal(beside(-3, Edge::mirror), picture.flip(2)));
  EXPECT_TRUE(at::equal(beside(2, Edge::mirror), picture));
  EXPECT_TRUE(at::equal(beside(1, Edge::border), picture.narrow(2, 15, 1).expand({3, 8, 16})));
  EXPECT_TRUE(at::equal(beside(1, Edge::black), at::zeros({3, 8, 16})));
  // Half the height, which is a quarter of the width, down.
  EXPECT_TRUE(at::equal(seen_through(picture, {.y = 0.25, .edge = Edge::wrap}, {8, 16}),
                        picture.roll(-4, 1)));
}

TEST(CameraView, FarAwayFinePatternsTurnGray) {
  const auto rows = at::arange(64).view({64, 1}), columns = at::arange(64).view({1, 64});
  const auto checks = (rows + columns).remainder(2).to(at::kFloat).expand({3, 64, 64});
  const auto stripes = columns.remainder(2).to(at::kFloat).expand({3, 64, 64});
  const auto off_gray = [](const at::Tensor& seen) { return (seen - 0.5).abs().max(); };
  for (const double away : {4.0, 4.3, 8.1, 1000.0}) {
    const Camera camera{.xx = away, .yy = away, .edge = Edge::wrap};
    EXPECT_LT(off_gray(seen_through(checks, camera, {64, 64})).item<double>(), 0.02) << away;
    EXPECT_LT(off_gray(seen_through(stripes, camera, {64, 64})).item<double>(), 0.05) << away;
  }
  const Camera mirrored{.xx = 4, .yy = 4};
  EXPECT_LT(off_gray(seen_through(checks, mirrored, {64, 64})).item<double>(), 0.02);
}

// Its mean does not change, however far away it is.
TEST(CameraView, AveragesAreKeptFarAway) {
  const auto picture = picture_of(37, 53);
  const auto mean = picture.mean({1, 2}, true);
  for (const double away : {30.0, 1e6}) {
    const Camera camera{.xx = away, .yy = away, .edge = Edge::mirror};
    const auto seen = seen_through(picture, camera, {37, 53});
    EXPECT_LT((seen - mean).abs().max().item<double>(), away < 100 ? 0.1 : 1e-3) << away;
  }
}

TEST(CameraView, SharpnessDoesNotJumpWhereItGetsSmaller) {
  const auto picture = picture_of(24, 24);
  const auto at_distance = [&](double away) {
    return seen_through(picture, {.xx = away, .yy = away}, {24, 24});
  };
  EXPECT_LT(most_apart(at_distance(1 + 1e-4), picture), 1e-2);
  EXPECT_LT(most_apart(at_distance(1 - 1e-4), picture), 1e-2);
  EXPECT_LT(most_apart(at_distance(2 - 1e-4), at_distance(2 + 1e-4)), 0.08);
}

// More samples than are taken at once: every part has its own rows.
TEST(CameraView, LargeResultsAreMadeOfTheSameRows) {
  const auto picture = picture_of(40, 60);
  const Camera camera{.xx = 0.8, .xy = -0.3, .x = 0.4, .yx = 0.3, .yy = 0.8, .edge = Edge::wrap};
  const PictureSize result{600, 900};
  const auto seen = seen_through(picture, camera, result);
  for (const int64_t row : {0, 290, 291, 292, 583, 599}) {
    for (const int64_t column : {0, 451, 899}) {
      const auto place =
          place_of(picture, camera, result, static_cast<double>(column), static_cast<double>(row));
      EXPECT_NEAR(seen[1][row][column].item<double>(),
                  sampled(picture, 1, place.u, place.v, Edge::wrap), 5e-5)
          << row << ", " << column;
    }
  }
  EXPECT_TRUE(at::equal(seen, seen_through(picture, camera, result)));
}

// Frames of the film's size and of its pictures' are segments of one format.
TEST(SegmentSinkTest, TakesFramesThatHaveTheFilmsSizeAlready) {
  const ffmpeg::VideoSettings settings{
      .width = 32, .height = 32, .output_width = 64, .output_height = 64, .threads = 1};
  const auto segment_of = [&](int side) {
    NoProgress quiet;
    std::vector<std::byte> kept;
    SegmentSink sink(
        settings, {{.task = "seg:0", .range = {0, 2}, .output = "0"}},
        [&](const std::string&, std::span<const std::byte> bytes) {
          kept.assign(bytes.begin(), bytes.end());
        },
        quiet);
    const auto values = static_cast<size_t>(side * side * 3);
    for (int i = 0; i < 2; ++i) {
      sink.write({.number = i,
                  .width = side,
                  .height = side,
                  .rgb8 = std::vector<std::uint8_t>(values, 100)});
    }
    sink.finish();
    return ffmpeg::parse_segment(kept, "segment");
  };
  const auto scaled = segment_of(32), sampled_there = segment_of(64);
  EXPECT_EQ(scaled.format.width, 64);
  EXPECT_EQ(scaled.format, sampled_there.format);
  EXPECT_EQ(sampled_there.packets.size(), 2u);
}

}  // namespace
}  // namespace latentreel::render
