#pragma once

#include <ATen/core/Tensor.h>

#include "models/vqgan/vqgan.h"
#include "scenes/scene.h"

// What keeps a latent a real picture while it is optimized. Nothing in CLIP's loss asks for a
// picture that the VQGAN knows: smears satisfy it, too.

namespace latentreel::render {

// The term of the loss that pulls z [1, C, h, w] to where it began: weight * mean((z - z0)^2) /
// s^2, s the codebook's standard deviation.
struct Pull {
  double loss = 0;
  at::Tensor gradient;  // [1, C, h, w]; undefined where the weight is 0
};
Pull pull_to(const at::Tensor& start, const at::Tensor& z, double weight, double codebook_std);

// A gradient [1, C, h, w] smoothed by a Gaussian with a standard deviation of `cells`, the border
// cells repeated outside: steps along it tint a picture and keep its edges. Unchanged for 0.
at::Tensor smoothed(const at::Tensor& gradient, double cells);

// Finds where the loss asks for a change: cells by the length of their gradients, averaged over the
// steps so far.
class ChangeMask {
 public:
  // `part`: the share of cells that change freely. The steps of the others are shortened, the more
  // the smaller their gradients are.
  explicit ChangeMask(double part) : part_(part) {}

  // Adds a gradient [1, C, h, w]; returns [1, 1, h, w] in [0, 1], to be multiplied with the step.
  at::Tensor add(const at::Tensor& gradient);

  // Undefined before the first gradient.
  const at::Tensor& lengths() const { return lengths_; }
  void restore(at::Tensor lengths) { lengths_ = std::move(lengths); }

 private:
  double part_;
  at::Tensor lengths_;  // [1, 1, h, w], summed
};

// The pictures of z [N, C, h, w], [N, 3, H, W] in [0, 1].
at::Tensor picture_of(const models::Vqgan& vqgan, const at::Tensor& z);

// The reverse: the latent [1, C, h, w] of a picture [1, 3, H, W] in [0, 1], as the decoder takes
// it: the z of the encoder or, for a Gumbel model, the vectors of the most likely codes.
at::Tensor latent_of(const models::Vqgan& vqgan, const at::Tensor& picture);

// The same, but not snapped to the codebook either by a Gumbel model: the mean of all codes'
// vectors, weighted by how likely they are. So it changes with every change of the picture.
at::Tensor smooth_latent_of(const models::Vqgan& vqgan, const at::Tensor& picture);

// z [1, C, h, w] moved by `part` of the way to the latent of its own picture.
at::Tensor reencode_blend(const models::Vqgan& vqgan, const at::Tensor& z, bool quantize,
                          double part);

// The step size of iteration `number`, as a fraction of the first one: falls along a cosine to
// learning_rate_end.
double rate_at(const scenes::OptimizeOptions& options, int number);

}  // namespace latentreel::render
