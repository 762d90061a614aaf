#include "src/optimize/step_memory.h"

#include <c10/core/ScalarType.h>

#include <algorithm>
#include <cstddef>

namespace latentreel::render {
namespace {

double bytes_of(at::ScalarType dtype) {
  return static_cast<double>(c10::elementSize(dtype));
}

// Attention weighs every cell of its level with every other: a matrix for each block of it is kept
// for the way back, and two more are alive while one is made or its gradient is.
double attention_numbers(const models::VqganConfig& vqgan, Grid grid) {
  constexpr double kMatricesAtOnce = 2;
  const double blocks = static_cast<double>(vqgan.residual_blocks) + 1;
  const auto matrix_of = [&](int64_t level) {
    const double side = static_cast<double>(int64_t{1} << (vqgan.levels() - 1 - level));
    const double cells = static_cast<double>(grid.width * grid.height) * side * side;
    return cells * cells;
  };
  double kept = 0, largest = 0;
  const auto add = [&](double count, double matrix) {
    kept += count * matrix;
    largest = std::max(largest, matrix);
  };
  if (vqgan.middle_attention) add(1, matrix_of(vqgan.levels() - 1));
  for (std::size_t level = 0; level < vqgan.attention.size(); ++level) {
    if (vqgan.attention[level]) add(blocks, matrix_of(static_cast<int64_t>(level)));
  }
  return kept + kMatricesAtOnce * largest;
}

}  // namespace

double decoder_step_bytes(const models::VqganConfig& vqgan, Grid grid, at::ScalarType dtype) {
  constexpr double kNormsABlock = 2;
  constexpr double kLargestAtOnce = 4;  // tensors of full size that are alive at once
  const double blocks = static_cast<double>(vqgan.residual_blocks) + 1;
  double numbers = attention_numbers(vqgan, grid);
  for (int64_t level = 0; level < vqgan.levels(); ++level) {
    const double side =
        static_cast<double>(vqgan.factor()) / static_cast<double>(int64_t{1} << level);
    const double pixels = static_cast<double>(grid.width * grid.height) * side * side;
    numbers += blocks * kNormsABlock * static_cast<double>(vqgan.width(level)) * pixels;
    if (level == 0) numbers += kLargestAtOnce * static_cast<double>(vqgan.width(0)) * pixels;
  }
  return numbers * bytes_of(dtype);
}

double clip_step_bytes(const models::ClipConfig& clip, int64_t cutouts, at::ScalarType dtype) {
  const double pictures = static_cast<double>(cutouts);
  const double side = static_cast<double>(clip.resolution);
  if (clip.tower == models::ClipConfig::Tower::resnet) {
    constexpr double kNumbersAPixel = 2.2;  // for each of the width's channels, all stages together
    return pictures * side * side * static_cast<double>(clip.width) * kNumbersAPixel *
           bytes_of(dtype);
  }
  constexpr double kTensorsALayer = 14;  // of a token's width: norms, attention, the wide MLP twice
  const double patches = side / static_cast<double>(clip.patch);
  const double tokens = patches * patches + 1;
  return pictures * tokens * static_cast<double>(clip.vision.width * clip.vision.layers) *
         kTensorsALayer * bytes_of(dtype);
}

}  // namespace latentreel::render
