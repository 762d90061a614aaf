#pragma once

#include <ATen/core/Tensor.h>

#include <memory>

#include "models/placement.h"
#include "models/vqgan/config.h"

namespace latentreel::models {

class StateDict;

// A frozen VQGAN (Esser, Rombach, Ommer: "Taming Transformers for High-Resolution Image Synthesis",
// 2021): pictures to latents, latents to codes, latents to pictures. Every call is differentiable
// in its input and safe from several threads at once. Copies share the weights.
class Vqgan {
 public:
  // Checks that these are exactly a VQGAN's tensors, in the right shapes: throws what the
  // constructor throws, without reading any values.
  static void check(const StateDict& weights);

  // Infers the configuration and loads the tensors strictly (load_strictly). Throws WeightsError.
  explicit Vqgan(const StateDict& weights, Placement placement = {});

  const VqganConfig& config() const;
  const Placement& placement() const;

  // image: [N, 3, H, W] in [0, 1], H and W multiples of the factor.
  // Returns z: [N, embed_dim, H/f, W/f] before quantization.
  at::Tensor encode(const at::Tensor& image) const;

  // z: [N, embed_dim, h, w] -> the nearest code of each cell, [N, h, w] int64; of equally near ones
  // the first.
  at::Tensor nearest_codes(const at::Tensor& z) const;

  // codes: [N, h, w] int64 in [0, config().codes) -> their vectors, [N, embed_dim, h, w].
  at::Tensor embed_codes(const at::Tensor& codes) const;

  // The nearest codes' vectors, exactly; the gradient passes straight through to z.
  at::Tensor quantize(const at::Tensor& z) const;

  // z: [N, embed_dim, h, w] -> picture [N, 3, H, W], about [-1, 1], unclamped.
  at::Tensor decode(const at::Tensor& z) const;

  // A Gumbel model's logits [N, codes, h, w] for z of `encode`; throws c10::Error for others.
  at::Tensor gumbel_logits(const at::Tensor& z) const;

  at::Tensor codebook() const;      // [codes, embed_dim] float32
  at::Tensor codebook_min() const;  // [1, embed_dim, 1, 1], each channel's smallest code
  at::Tensor codebook_max() const;  // [1, embed_dim, 1, 1]
  double codebook_std() const;      // of all its numbers

 private:
  struct Weights;
  std::shared_ptr<Weights> weights_;
};

}  // namespace latentreel::models
