#include "src/optimize/homography.h"

#include <cmath>
#include <numbers>
#include <utility>

namespace latentreel::render {
namespace {

double radians(double degrees) {
  return degrees * std::numbers::pi / 180;
}

Homography scale_and_shift(double scale_x, double scale_y, double shift_x, double shift_y) {
  return {scale_x, 0, shift_x, 0, scale_y, shift_y, 0, 0, 1};
}

// Note [kornia's pixels]
// kornia 0.5.4 turns pixels into coordinates in -1 .. 1 by 2 x / (size - 1) - 1, as if the first
// and last pixel's centres were the ends, but lets grid_sample (corners not aligned) read them with
// the pixels' outer edges as the ends. So a place p of the picture is read at
// p size / (size - 1) - 0.5. Its affine warp makes the coordinates of the result's pixels with
// affine_grid, which has the outer edges as the ends, too: the two errors are each other's inverse
// and nothing but the motion is scaled. Its perspective warp makes them with the centres as the
// ends, so that even an identity enlarges the picture by size / (size - 1).
Homography read_at(std::int64_t height, std::int64_t width) {
  const auto w = static_cast<double>(width), h = static_cast<double>(height);
  return scale_and_shift(w / (w - 1), h / (h - 1), -0.5, -0.5);
}

}  // namespace

Homography operator*(const Homography& a, const Homography& b) {
  Homography product{};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      for (std::size_t k = 0; k < 3; ++k) product[3 * i + j] += a[3 * i + k] * b[3 * k + j];
    }
  }
  return product;
}

Homography inverse(const Homography& a) {
  Homography adjugate = {
      a[4] * a[8] - a[5] * a[7], a[2] * a[7] - a[1] * a[8], a[1] * a[5] - a[2] * a[4],
      a[5] * a[6] - a[3] * a[8], a[0] * a[8] - a[2] * a[6], a[2] * a[3] - a[0] * a[5],
      a[3] * a[7] - a[4] * a[6], a[1] * a[6] - a[0] * a[7], a[0] * a[4] - a[1] * a[3]};
  const double last = adjugate[8];
  if (last != 0) {
    for (auto& entry : adjugate) entry /= last;
  }
  return adjugate;
}

Homography affine(const AffineMotion& motion, std::int64_t height, std::int64_t width) {
  const double cx = static_cast<double>(width - 1) / 2, cy = static_cast<double>(height - 1) / 2;
  const double cosine = std::cos(radians(motion.degrees));
  const double sine = std::sin(radians(motion.degrees));
  const Homography turn = {cosine, -sine, 0, sine, cosine, 0, 0, 0, 1};
  const Homography lean = {1, -std::tan(radians(motion.shear)), 0, 0, 1, 0, 0, 0, 1};
  return scale_and_shift(1, 1, cx + motion.right, cy + motion.down) * turn * lean *
         scale_and_shift(1, 1, -cx, -cy);
}

Homography mirror(std::int64_t width) {
  return {-1, 0, static_cast<double>(width - 1), 0, 1, 0, 0, 0, 1};
}

Homography perspective(const Corners& from, const Corners& to) {
  // Two equations a point for the eight unknowns (the ninth is 1), solved by elimination.
  std::array<std::array<double, 9>, 8> rows{};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto [x, y] = from[i];
    const auto [u, v] = to[i];
    rows[2 * i] = {x, y, 1, 0, 0, 0, -x * u, -y * u, u};
    rows[2 * i + 1] = {0, 0, 0, x, y, 1, -x * v, -y * v, v};
  }
  for (std::size_t column = 0; column < 8; ++column) {
    std::size_t pivot = column;
    for (std::size_t row = column + 1; row < 8; ++row) {
      if (std::abs(rows[row][column]) > std::abs(rows[pivot][column])) pivot = row;
    }
    std::swap(rows[column], rows[pivot]);
    if (rows[column][column] == 0) return kIdentity;  // three corners on a line
    for (std::size_t row = 0; row < 8; ++row) {
      if (row == column) continue;
      const double factor = rows[row][column] / rows[column][column];
      for (std::size_t k = column; k < 9; ++k) rows[row][k] -= factor * rows[column][k];
    }
  }
  Homography map = kIdentity;
  for (std::size_t i = 0; i < 8; ++i) map[i] = rows[i][8] / rows[i][i];
  return map;
}

Homography sampling_map(const Homography& motion, PixelRule rule, std::int64_t height,
                        std::int64_t width) {
  const auto back = inverse(motion);
  switch (rule) {
    case PixelRule::exact:
      break;
    case PixelRule::kornia_affine:
      return read_at(height, width) * back * inverse(read_at(height, width));
    case PixelRule::kornia_perspective:
      return read_at(height, width) * back;
  }
  return back;
}

}  // namespace latentreel::render
