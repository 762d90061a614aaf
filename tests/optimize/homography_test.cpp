#include "src/optimize/homography.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "models/ops/warp.h"

// Matrices and pictures of models.md section 7.7 (kornia 0.5.4).

namespace latentreel::render {
namespace {

void expect_near(const Homography& map, const Homography& expected, double tolerance = 1e-6) {
  for (std::size_t i = 0; i < 9; ++i) EXPECT_NEAR(map[i], expected[i], tolerance) << "entry " << i;
}

at::Tensor as_maps(const Homography& map) {
  return at::tensor(std::vector<double>(map.begin(), map.end()), at::kDouble).view({1, 3, 3});
}

// T(1, 8, 8)
at::Tensor small_picture() {
  return (0.5 + 0.5 * at::sin(0.013 * at::arange(64, at::kDouble)))
      .to(at::kFloat)
      .view({1, 1, 8, 8});
}

void expect_row(const at::Tensor& small_picture, int64_t row, const std::vector<double>& expected) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(small_picture[0][0][row][static_cast<int64_t>(i)].item<double>(), expected[i],
                1e-5);
  }
}

TEST(Homography, AffineIsThePublishedOne) {
  const auto motion = affine({.degrees = 30, .shear = 5, .right = 1, .down = -2}, 8, 8);
  expect_near(motion, {0.866025, -0.575767, 3.484097, 0.5, 0.822281, -3.127984, 0, 0, 1});
  const auto back = as_maps(sampling_map(motion, PixelRule::kornia_affine, 8, 8));
  const auto bilinear = models::Sampling::bilinear;
  for (const auto apply : {models::warp, models::warp_reference}) {
    const auto zeros = apply(small_picture(), back, bilinear, models::PaddingMode::zeros, 8, 8);
    EXPECT_NEAR(zeros.sum().item<double>(), 30.859301, 1e-4);
    expect_row(zeros, 3,
               {0.528507, 0.834783, 0.818964, 0.803031, 0.786174, 0.769208, 0.751419, 0.733547});
    const auto border = apply(small_picture(), back, bilinear, models::PaddingMode::border, 8, 8);
    EXPECT_NEAR(border.sum().item<double>(), 50.369789, 1e-4);
    expect_row(border, 3, {0.836116, 0.834783});
  }
}

TEST(Homography, PerspectiveIsThePublishedOne) {
  const Corners from = {{{0, 0}, {7, 0}, {7, 7}, {0, 7}}};
  const Corners to = {{{1, .5}, {6.5, 1}, {5.5, 6.5}, {.5, 6}}};
  const auto motion = perspective(from, to);
  expect_near(motion, {0.777423, -0.064413, 1, 0.070153, 0.869898, 0.5, -0.001276, 0.014031, 1});
  const auto back = as_maps(sampling_map(motion, PixelRule::kornia_perspective, 8, 8));
  for (const auto apply : {models::warp, models::warp_reference}) {
    const auto warped =
        apply(small_picture(), back, models::Sampling::bilinear, models::PaddingMode::zeros, 8, 8);
    EXPECT_NEAR(warped.sum().item<double>(), 20.873203, 1e-4);
    expect_row(warped, 0, {0, 0, 0, 0, 0, 0, 0, 0});
    expect_row(warped, 3, {0, 0.548557, 0.651123, 0.653719, 0.656316, 0.658923, 0.461803, 0});
  }
}

TEST(Homography, TurnsClockwiseAboutTheCentre) {
  const auto motion = affine({.degrees = 90}, 3, 3);
  expect_near(motion * Homography{1, 0, 0, 0, 1, 0, 0, 0, 1},
              {0, -1, 2, 1, 0, 0, 0, 0, 1});  // the upper left corner goes to the upper right
  const auto image = at::arange(9, at::kFloat).view({1, 1, 3, 3});
  const auto turned = models::warp(image, as_maps(sampling_map(motion, PixelRule::exact, 3, 3)),
                                   models::Sampling::nearest, models::PaddingMode::zeros, 3, 3);
  EXPECT_TRUE(at::equal(turned, at::rot90(image, -1, {2, 3})));
}

TEST(Homography, InverseUndoes) {
  const Homography map = {1.2, 0.1, -3, 0.05, 0.9, 4, 0.001, -0.002, 1};
  const auto unit = map * inverse(map);
  for (std::size_t i = 0; i < 9; ++i) EXPECT_NEAR(unit[i] / unit[8], kIdentity[i], 1e-12);
  EXPECT_EQ(inverse(kIdentity), kIdentity);
  EXPECT_EQ(inverse(mirror(8)), mirror(8));
}

TEST(Homography, IdentityStaysOneUnderTheAffineRules) {
  expect_near(sampling_map(kIdentity, PixelRule::kornia_affine, 9, 7), kIdentity, 1e-12);
  EXPECT_EQ(sampling_map(kIdentity, PixelRule::exact, 9, 7), kIdentity);
}

}  // namespace
}  // namespace latentreel::render
