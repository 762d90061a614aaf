#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "models/ops/jitter.h"
#include "models/ops/resample.h"
#include "models/ops/warp.h"
#include "scenes/scene.h"
#include "src/run/counter_rng.h"

// The cutouts' augmentations (models.md section 5.4), in two halves: parameters are drawn on the
// host by a CounterRng, then applied by tensor code on any device. Semantics are kornia 0.5.4's. A
// cutout for which nothing was drawn passes through unchanged, without computation.

namespace latentreel::render {

// The pictures that parameters are drawn for, and the random numbers to draw them with.
struct Draw {
  // Streams of CounterRng, so that no two uses share numbers; step k of the augmentations has
  // kAugment + k.
  static constexpr std::uint32_t kBox = 1, kNoise = 2, kAugment = 16;

  // each: cutouts first .. first + n - 1, in kornia's pixels. once: one picture that all cutouts
  // share, in exact pixels and moved by whole ones (the article's, torchvision).
  enum class For { each, once };

  RandomKey key;
  std::int64_t iteration = 0;
  std::int64_t first = 0, n = 1;
  For whom = For::each;

  std::uint32_t cutout(std::int64_t i) const {
    return whom == For::once ? CounterRng::kShared : static_cast<std::uint32_t>(first + i);
  }
};

// What one augmentation does to n pictures. Only the fields of its kind are set, and only if
// anything was drawn.
struct AugmentDraw {
  scenes::Augment::Kind kind = scenes::Augment::Kind::flip;
  bool applies = false;  // to any picture

  // flip, affine, perspective, rotate: for models::warp; the identity where nothing was drawn.
  at::Tensor maps;  // [n, 3, 3] float64
  models::Sampling sampling = models::Sampling::bilinear;
  models::PaddingMode outside = models::PaddingMode::zeros;

  models::Jitter jitter;          // jitter; its order is one for the iteration
  models::Box erased;             // erase: what becomes 0 in every picture
  std::vector<double> sharpness;  // sharpness: n factors; 1 where nothing was drawn
};

// Draws augmentation number `step` of the list for pictures of this size.
AugmentDraw draw_augment(const scenes::Augment& augment, std::int64_t step, const Draw& draw,
                         std::int64_t height, std::int64_t width);

// x: [n, 3, H, W], or [1, 3, H, W], which stands for n equal pictures. Returns [n, 3, H, W], or x
// itself where nothing applies; differentiable.
at::Tensor apply_augment(const at::Tensor& x, const AugmentDraw& draw);

// kornia's sharpness: f x + (1 - f) smooth(x), smooth a 3x3 mean with a heavy middle, borders kept;
// clamped to [0, 1] where f > 1. Below 1 it blurs. x: [n, 3, H, W], one factor each.
at::Tensor sharpen(const at::Tensor& x, const std::vector<double>& factors);

}  // namespace latentreel::render
