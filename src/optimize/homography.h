#pragma once

#include <array>
#include <cstdint>

// 3x3 maps of picture points (x to the right, y down, in pixels from the centre of the upper left
// one), row-major, in double. Augmentations are drawn as motions, from a pixel of the picture to
// its new place; models::warp needs the inverse, from a pixel of the result to the place it is read
// from.

namespace latentreel::render {

using Homography = std::array<double, 9>;
using Corners = std::array<std::array<double, 2>, 4>;

inline constexpr Homography kIdentity = {1, 0, 0, 0, 1, 0, 0, 0, 1};

Homography operator*(const Homography& a, const Homography& b);

// The determinant must not be 0. Scaled so that the last entry is 1 where that is possible.
Homography inverse(const Homography& a);

// x-shear about the centre of the picture, then a turn about it (clockwise on the screen), then a
// shift by (right, down).
struct AffineMotion {
  double degrees = 0, shear = 0;  // degrees
  double right = 0, down = 0;     // pixels
};
Homography affine(const AffineMotion& motion, std::int64_t height, std::int64_t width);

// Mirrors left and right.
Homography mirror(std::int64_t width);

// The map that moves each of the four points to the point of the same place.
Homography perspective(const Corners& from, const Corners& to);

// How the place that a pixel of the result is read from follows from the motion.
enum class PixelRule {
  exact,              // plain geometry: the article's (torchvision), kornia's flip and rotation
  kornia_affine,      // kornia's affine: motion scaled, see the note in homography.cpp
  kornia_perspective  // kornia's perspective: sampled size / (size - 1) apart, half a pixel early
};
Homography sampling_map(const Homography& motion, PixelRule rule, std::int64_t height,
                        std::int64_t width);

}  // namespace latentreel::render
