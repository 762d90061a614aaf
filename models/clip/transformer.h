#pragma once

#include <string>

#include "models/clip/config.h"
#include "models/layers.h"

namespace latentreel::models {

// Packed query, key and value of CLIP's attention, rows in that order.
struct SelfAttentionImpl : torch::nn::Module {
  SelfAttentionImpl(int64_t width, int64_t heads);
  // x: [N, T, width]; mask: additive [T, T] or undefined -> [N, T, width]
  at::Tensor forward(const at::Tensor& x, const at::Tensor& mask);

  at::Tensor in_proj_weight, in_proj_bias;  // [3 width, width], [3 width]
  Linear out_proj{nullptr};

 private:
  int64_t heads_;
};
TORCH_MODULE(SelfAttention);

// x + attention(ln_1 x), then x + mlp(ln_2 x).
struct ResidualAttentionBlockImpl : torch::nn::Module {
  explicit ResidualAttentionBlockImpl(const TransformerConfig& config);
  at::Tensor forward(const at::Tensor& x, const at::Tensor& mask);

  SelfAttention attn{nullptr};
  LayerNorm ln_1{nullptr}, ln_2{nullptr};
  Linear c_fc{nullptr}, c_proj{nullptr};  // "mlp.c_fc", "mlp.c_proj"

 private:
  Activation activation_;
};
TORCH_MODULE(ResidualAttentionBlock);

struct TransformerImpl : torch::nn::Module {
  explicit TransformerImpl(const TransformerConfig& config);
  at::Tensor forward(at::Tensor x, const at::Tensor& mask = {});  // [N, T, width]

  torch::nn::ModuleList resblocks{nullptr};
};
TORCH_MODULE(Transformer);

}  // namespace latentreel::models
