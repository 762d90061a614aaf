#include "models/clip/transformer.h"

#include <ATen/ATen.h>

#include <cmath>

#include "models/ops/norm.h"

namespace latentreel::models {

SelfAttentionImpl::SelfAttentionImpl(int64_t width, int64_t heads) : heads_(heads) {
  in_proj_weight = register_parameter("in_proj_weight", torch::empty({3 * width, width}));
  in_proj_bias = register_parameter("in_proj_bias", torch::empty({3 * width}));
  out_proj = register_module("out_proj", Linear(width, width));
}

at::Tensor SelfAttentionImpl::project(const at::Tensor& x, int64_t first, int64_t count) {
  const auto n = x.size(0), tokens = x.size(1), width = x.size(2), parts = count / width;
  // [N, T, parts width] -> [parts, N heads, T, head]
  return at::linear(x, in_proj_weight.narrow(0, first, count), in_proj_bias.narrow(0, first, count))
      .view({n, tokens, parts, heads_, width / heads_})
      .permute({2, 0, 3, 1, 4})
      .reshape({parts, n * heads_, tokens, width / heads_});
}

at::Tensor SelfAttentionImpl::attend(const at::Tensor& queries, const at::Tensor& keys,
                                     const at::Tensor& values, const at::Tensor& mask) {
  const auto tokens = queries.size(1), head = queries.size(2), n = queries.size(0) / heads_;
  // Plain products: at CLIP's sequence lengths they are faster than a fused kernel.
  auto scores =
      at::bmm(queries.mul(1 / std::sqrt(static_cast<double>(head))), keys.transpose(1, 2));
  if (mask.defined()) scores = scores + mask;
  const auto mixed = at::bmm(scores.softmax(2), values);  // [N heads, t, head]
  return out_proj->forward(mixed.view({n, heads_, tokens, head})
                               .permute({0, 2, 1, 3})
                               .reshape({n, tokens, heads_ * head}));
}

at::Tensor SelfAttentionImpl::forward(const at::Tensor& x, const at::Tensor& mask) {
  const auto packed = project(x, 0, 3 * x.size(2));
  return attend(packed[0], packed[1], packed[2], mask);
}

at::Tensor SelfAttentionImpl::forward_first(const at::Tensor& x) {
  const auto width = x.size(2);
  const auto query = project(x.narrow(1, 0, 1), 0, width);
  const auto packed = project(x, width, 2 * width);
  return attend(query[0], packed[0], packed[1], {});
}

ResidualAttentionBlockImpl::ResidualAttentionBlockImpl(const TransformerConfig& config)
    : activation_(config.activation) {
  attn = register_module("attn", SelfAttention(config.width, config.heads));
  ln_1 = register_module("ln_1", LayerNorm(config.width));
  auto mlp = std::make_shared<torch::nn::Module>();
  const auto hidden = config.hidden > 0 ? config.hidden : 4 * config.width;
  c_fc = mlp->register_module("c_fc", Linear(config.width, hidden));
  c_proj = mlp->register_module("c_proj", Linear(hidden, config.width));
  register_module("mlp", mlp);
  ln_2 = register_module("ln_2", LayerNorm(config.width));
}

at::Tensor ResidualAttentionBlockImpl::add_mlp(const at::Tensor& x) {
  const auto hidden = c_fc->forward(ln_2->forward(x));
  const auto active = activation_ == Activation::quick_gelu ? quick_gelu(hidden) : at::gelu(hidden);
  return x + c_proj->forward(active);
}

at::Tensor ResidualAttentionBlockImpl::forward(const at::Tensor& x, const at::Tensor& mask) {
  return add_mlp(x + attn->forward(ln_1->forward(x), mask));
}

at::Tensor ResidualAttentionBlockImpl::forward_first(const at::Tensor& x) {
  return add_mlp(x.narrow(1, 0, 1) + attn->forward_first(ln_1->forward(x)));
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

at::Tensor TransformerImpl::forward_first(at::Tensor x) {
  const auto last = resblocks->size() - 1;
  for (size_t i = 0; i < last; ++i) {
    x = resblocks->ptr<ResidualAttentionBlockImpl>(i)->forward(x, {});
  }
  return resblocks->ptr<ResidualAttentionBlockImpl>(last)->forward_first(x).select(1, 0);
}

}  // namespace latentreel::models
