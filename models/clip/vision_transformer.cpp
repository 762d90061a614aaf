#include "models/clip/towers.h"

namespace latentreel::models {

VisionTransformerImpl::VisionTransformerImpl(const ClipConfig& config) {
  const auto width = config.vision.width;
  const auto grid = config.resolution / config.patch;
  conv1 = register_module("conv1", Conv2d(3, width, config.patch,
                                          Conv2dOptions{.stride = config.patch, .bias = false}));
  class_embedding = register_parameter("class_embedding", torch::empty({width}));
  positional_embedding =
      register_parameter("positional_embedding", torch::empty({grid * grid + 1, width}));
  ln_pre = register_module("ln_pre", LayerNorm(width));
  transformer = register_module("transformer", Transformer(config.vision));
  ln_post = register_module("ln_post", LayerNorm(width));
  proj = register_parameter("proj", torch::empty({width, config.embed_dim}));
}

at::Tensor VisionTransformerImpl::forward(const at::Tensor& image) {
  const auto n = image.size(0), width = proj.size(0);
  const auto patches = conv1->forward(image).flatten(2).transpose(1, 2);  // [N, g*g, width]
  const auto first = class_embedding.expand({n, 1, width});
  const auto x = at::cat({first, patches}, 1) + positional_embedding;
  const auto first_token = transformer->forward_first(ln_pre->forward(x));  // [N, width]
  return at::matmul(ln_post->forward(first_token), proj);
}

}  // namespace latentreel::models
