#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <vector>

#include "models/clip/clip.h"
#include "models/ops/device_graph.h"
#include "models/vqgan/vqgan.h"
#include "scenes/scene.h"

namespace latentreel::render {

// The networks as the steps of an optimization run them. On devices where that pays their work is
// captured at the third call and replayed (models/ops/device_graph.h). Optimizations that follow
// one another may share one of these, so that it is captured once for all of them; what differs
// from one to the next, their prompts, is not in it. Not thread-safe where work is captured.
class StepNetworks {
 public:
  // Of `options` only those count that say how a latent becomes a picture: see fits().
  StepNetworks(models::Vqgan vqgan, const std::vector<models::ClipImageEncoder>& encoders,
               const scenes::OptimizeOptions& options);

  // Whether steps with `options` want the same pictures of latents.
  bool fits(const scenes::OptimizeOptions& options) const;

  // z [1, C, h, w] to its picture [1, 3, H, W] in [0, 1], differentiable in z.
  at::Tensor decode(const at::Tensor& z) { return decode_(z); }
  // Cutouts [N, 3, R, R] to the features [N, E] of encoder `index`, differentiable.
  at::Tensor encode(std::size_t index, const at::Tensor& cutouts) {
    return encode_[index](cutouts);
  }

  // Gives back what was captured of the encoders, for cutouts of another number.
  void forget_encoders();

 private:
  bool quantize_;
  scenes::ImageClamp image_clamp_;
  models::GraphedFunction decode_;
  std::vector<models::GraphedFunction> encode_;
};

}  // namespace latentreel::render
