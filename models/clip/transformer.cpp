#include "models/clip/transformer.h"

#include <cmath>

#include "models/ops/norm.h"

namespace latentreel::models {

SelfAttentionImpl::SelfAttentionImpl(int64_t width, int64_t heads) : heads_(heads) {
  in_proj_weight = register_parameter("in_proj_weight", torch::empty({3 * width, width}));
  in_proj_bias = register_parameter("in_proj_bias", torch::empty({3 * width}));
  out_proj = register_module("out_proj", Linear(width, width));
}

at::Tensor SelfAttentionImpl::forward(const at::Tensor& x, const at::Tensor& mask) {
  const auto n = x.size(0), tokens = x.size(1), width = x.size(2), head = width / heads_;
  // [N, T, 3 width] -> three of [N heads, T, head]
  const auto packed = at::linear(x, in_proj_weight, in_proj_bias)
                          .view({n, tokens, 3, heads_, head})
                          .permute({2, 0, 3, 1, 4})
                          .reshape({3, n * heads_, tokens, head});
  // Plain products: at CLIP's sequence lengths they are faster than a fused kernel.
  auto scores = at::bmm(packed[0].mul(1 / std::sqrt(static_cast<double>(head))),
                        packed[1].transpose(1, 2));
  if (mask.defined()) scores = scores + mask;
  const auto mixed = at::bmm(scores.softmax(2), packed[2]);  // [N heads, T, head]
  return out_proj->forward(mixed.view({n, heads_, tokens, head})
                               .permute({0, 2, 1, 3})
                               .reshape({n, tokens, width}));
}

ResidualAttentionBlockImpl::ResidualAttentionBlockImpl(const TransformerConfig& config)
    : activation_(config.activation) {
  attn = register_module("attn", SelfAttention(config.width, config.heads));
  ln_1 = register_module("ln_1", LayerNorm(config.width));
  auto mlp = std::make_shared<torch::nn::Module>();
  c_fc = mlp->register_module("c_fc", Linear(config.width, 4 * config.width));
  c_proj = mlp->register_module("c_proj", Linear(4 * config.width, config.width));
  register_module("mlp", mlp);
  ln_2 = register_module("ln_2", LayerNorm(config.width));
}

at::Tensor ResidualAttentionBlockImpl::forward(const at::Tensor& x, const at::Tensor& mask) {
  const auto mixed = x + attn->forward(ln_1->forward(x), mask);
  const auto hidden = c_fc->forward(ln_2->forward(mixed));
  const auto active =
      activation_ == Activation::quick_gelu ? quick_gelu(hidden) : at::gelu(hidden);
  return mixed + c_proj->forward(active);
}

TransformerImpl::TransformerImpl(const TransformerConfig& config) {
  resblocks = register_module("resblocks", torch::nn::ModuleList());
  for (int64_t i = 0; i < config.layers; ++i) {
    resblocks->push_back(ResidualAttentionBlock(config));
  }
}

at::Tensor TransformerImpl::forward(at::Tensor x, const at::Tensor& mask) {
  for (const auto& block : *resblocks) {
    x = block->as<ResidualAttentionBlockImpl>()->forward(x, mask);
  }
  return x;
}

}  // namespace latentreel::models
