#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "models/ops/resample.h"
#include "scenes/scene.h"
#include "src/run/counter_rng.h"

// What CLIP looks at: many small, differently cut and augmented pictures of one picture
// (models.md sections 5.2 and 5.4). Every parameter is drawn on the host by a counter-based
// generator keyed (keyframe, iteration, cutout), so cutouts do not depend on the chunks in which
// they are made, and the same call gives the same bits. Immutable after construction; safe to use
// from several threads.
//
//   const auto base = cutouts.prepare(image, iteration);
//   for (chunk) loss(clip(normalise(cutouts.cut(base, iteration, first, n)))).backward();
//
// The three cutters:
//   padded  the article's: zeros around the picture, half its shorter side wide; every augmentation
//           drawn once for that whole picture, with exact pixel geometry; random squares of it,
//           resized bilinearly (corners aligned, no antialiasing).
//   crops   Crowson's: random squares of the picture, Lanczos-2 and bicubic; then every
//           augmentation drawn for each cutout. With neither augmentations nor noise they are
//           clamped to [0, 1] with the gradient of ClampWithGrad, as the original does.
//   pooled  nerdyrodent's: the whole picture, (average + maximum) / 2 over an R x R grid; then
//           every augmentation drawn for each cutout.
// Then noise u n with n ~ N(0, 1) and, for each cutout, u ~ U(0, noise). Not clamped after it.

namespace latentreel::render {

// Cutouts computed at a time: bounds the memory of CLIP's backward. Part of a keyframe's hash,
// since the order of sums changes the last bits.
inline constexpr std::int64_t kCutoutChunk = 16;

class Cutouts {
 public:
  // key: of the keyframe's content and seed. resolution: CLIP's R.
  Cutouts(const scenes::OptimizeOptions& options, std::int64_t resolution, RandomKey key);

  std::int64_t count() const { return options_.cutouts; }

  // What all cutouts of an iteration are cut from: the pooled picture [1, 3, R, R], the padded and
  // augmented picture [1, 3, H + 2p, W + 2p], or the image itself. image: [1, 3, H, W] in [0, 1].
  // Differentiable.
  at::Tensor prepare(const at::Tensor& image, std::int64_t iteration) const;

  // Cutouts first .. first + n - 1 of that iteration: [n, 3, R, R] exactly as they enter CLIP's
  // normalisation. base: from prepare(). Differentiable in base.
  at::Tensor cut(const at::Tensor& base, std::int64_t iteration, std::int64_t first,
                 std::int64_t n) const;

  // What cut() draws first: the squares in `base`'s pixels (padded, crops; empty for pooled).
  // height, width: of base.
  std::vector<models::Box> boxes(std::int64_t height, std::int64_t width, std::int64_t iteration,
                                 std::int64_t first, std::int64_t n) const;

  // What cut() draws last: u * n, [n, 3, R, R] float32 on like's device; undefined without noise.
  at::Tensor noise(const at::Tensor& like, std::int64_t iteration, std::int64_t first,
                   std::int64_t n) const;

 private:
  scenes::OptimizeOptions options_;
  std::int64_t resolution_;
  RandomKey key_;
};

}  // namespace latentreel::render
