#include "models/clip/towers.h"

namespace latentreel::models {

ClipModelImpl::ClipModelImpl(const ClipConfig& config) {
  if (config.tower == ClipConfig::Tower::vit) {
    visual = std::make_shared<VisionTransformerImpl>(config);
  } else {
    visual = std::make_shared<ModifiedResNetImpl>(config);
  }
  register_module("visual", visual);
  transformer = register_module("transformer", Transformer(config.text));
  auto embedding = std::make_shared<torch::nn::Module>();
  token_embedding =
      embedding->register_parameter("weight", torch::empty({config.vocabulary, config.text.width}));
  register_module("token_embedding", embedding);
  positional_embedding =
      register_parameter("positional_embedding", torch::empty({config.context, config.text.width}));
  ln_final = register_module("ln_final", LayerNorm(config.text.width));
  text_projection =
      register_parameter("text_projection", torch::empty({config.text.width, config.embed_dim}));
  logit_scale = register_parameter("logit_scale", torch::empty({}));
}

at::Tensor ClipModelImpl::encode_text(const at::Tensor& tokens) {
  const auto length = tokens.size(1);
  auto x = at::embedding(token_embedding, tokens) + positional_embedding.narrow(0, 0, length);
  const auto mask =
      at::full({length, length}, -std::numeric_limits<double>::infinity(), x.options()).triu(1);
  x = ln_final->forward(transformer->forward(x, mask));  // [N, T, width]
  const auto end = tokens.argmax(1);                     // the first of the largest ids
  const auto rows = at::arange(tokens.size(0), tokens.options());
  return at::matmul(x.index({rows, end}), text_projection);
}

}  // namespace latentreel::models
