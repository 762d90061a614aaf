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
  // The first token of forward(x, no mask) alone: [N, 1, width].
  at::Tensor forward_first(const at::Tensor& x);

  at::Tensor in_proj_weight, in_proj_bias;  // [3 width, width], [3 width]
  Linear out_proj{nullptr};

 private:
  // Rows first .. first + count - 1 of the packed projection, split into heads.
  at::Tensor project(const at::Tensor& x, int64_t first, int64_t count);
  // [N heads, t, head], twice [N heads, T, head] -> [N, t, width]
  at::Tensor attend(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values,
                    const at::Tensor& mask);

  int64_t heads_;
};
TORCH_MODULE(SelfAttention);

// x + attention(ln_1 x), then x + mlp(ln_2 x).
struct ResidualAttentionBlockImpl : torch::nn::Module {
  explicit ResidualAttentionBlockImpl(const TransformerConfig& config);
  at::Tensor forward(const at::Tensor& x, const at::Tensor& mask);
  // The first token of forward(x, no mask) alone: [N, 1, width].
  at::Tensor forward_first(const at::Tensor& x);

  SelfAttention attn{nullptr};
  LayerNorm ln_1{nullptr}, ln_2{nullptr};
  Linear c_fc{nullptr}, c_proj{nullptr};  // "mlp.c_fc", "mlp.c_proj"

 private:
  at::Tensor add_mlp(const at::Tensor& x);

  Activation activation_;
};
TORCH_MODULE(ResidualAttentionBlock);

struct TransformerImpl : torch::nn::Module {
  explicit TransformerImpl(const TransformerConfig& config);
  at::Tensor forward(at::Tensor x, const at::Tensor& mask = {});  // [N, T, width]
  // The first token of forward(x) alone, [N, width]: the last block then works on one token.
  at::Tensor forward_first(at::Tensor x);

  torch::nn::ModuleList resblocks{nullptr};
};
TORCH_MODULE(Transformer);

}  // namespace latentreel::models
