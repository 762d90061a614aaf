#pragma once

#include "models/layers.h"
#include "models/vqgan/config.h"

// Encoder and decoder of taming-transformers' VQGAN (taming/modules/diffusionmodules/model.py),
// parameter by parameter under the checkpoint's own names.

namespace latentreel::models {

// x + conv(silu(norm(conv(silu(norm x))))), the shortcut a 1x1 convolution where widths differ.
struct ResnetBlockImpl : torch::nn::Module {
  ResnetBlockImpl(int64_t in, int64_t out, int64_t groups);
  at::Tensor forward(const at::Tensor& x);  // [N, in, H, W] -> [N, out, H, W]

  GroupNorm norm1{nullptr}, norm2{nullptr};
  Conv2d conv1{nullptr}, conv2{nullptr}, nin_shortcut{nullptr};
};
TORCH_MODULE(ResnetBlock);

// Attention with one head over all positions, added to its input.
struct AttnBlockImpl : torch::nn::Module {
  AttnBlockImpl(int64_t channels, int64_t groups);
  at::Tensor forward(const at::Tensor& x);  // [N, C, H, W]

  GroupNorm norm{nullptr};
  Conv2d q{nullptr}, k{nullptr}, v{nullptr}, proj_out{nullptr};
};
TORCH_MODULE(AttnBlock);

// Twice as large, then a 3x3 convolution "conv"; folded into one operator when frozen.
struct UpsampleImpl : torch::nn::Module {
  explicit UpsampleImpl(int64_t channels);
  at::Tensor forward(const at::Tensor& x);  // [N, C, H, W] -> [N, C, 2H, 2W]
  void fold(const Placement& placement);    // drops the weight, keeps its kernel

  Conv2d conv{nullptr};

 private:
  at::Tensor kernel_;  // defined once folded
};
TORCH_MODULE(Upsample);

// Half as large: padded on the right and below, then a 3x3 convolution "conv" of stride 2.
struct DownsampleImpl : torch::nn::Module {
  explicit DownsampleImpl(int64_t channels);
  at::Tensor forward(const at::Tensor& x);  // [N, C, H, W] -> [N, C, H/2, W/2]

  Conv2d conv{nullptr};
};
TORCH_MODULE(Downsample);

// Residual blocks of one resolution, each followed by attention where the level has it, then the
// change to the next resolution (named "downsample" or "upsample") except on the last.
struct LevelImpl : torch::nn::Module {
  enum class Resample { none, down, up };
  LevelImpl(int64_t in, int64_t out, int64_t blocks, bool attention, Resample resample,
            int64_t groups);
  at::Tensor forward(const at::Tensor& x);
  void fold(const Placement& placement);

 private:
  torch::nn::ModuleList block_{nullptr}, attn_{nullptr};
  Downsample downsample_{nullptr};
  Upsample upsample_{nullptr};
};
TORCH_MODULE(Level);

// Two residual blocks with attention between them, which some networks do without.
struct MiddleImpl : torch::nn::Module {
  MiddleImpl(int64_t channels, bool attention, int64_t groups);
  at::Tensor forward(const at::Tensor& x);

  ResnetBlock block_1{nullptr}, block_2{nullptr};
  AttnBlock attn_1{nullptr};
};
TORCH_MODULE(Middle);

struct VqganEncoderImpl : torch::nn::Module {
  explicit VqganEncoderImpl(const VqganConfig& config);
  // [N, in_channels, H, W] in [-1, 1], sides multiples of the factor -> [N, z_channels, h, w]
  at::Tensor forward(const at::Tensor& image);

  Conv2d conv_in{nullptr}, conv_out{nullptr};
  torch::nn::ModuleList down{nullptr};
  Middle mid{nullptr};
  GroupNorm norm_out{nullptr};
};
TORCH_MODULE(VqganEncoder);

struct VqganDecoderImpl : torch::nn::Module {
  explicit VqganDecoderImpl(const VqganConfig& config);
  // [N, z_channels, h, w] -> [N, out_channels, H, W], about [-1, 1], unclamped
  at::Tensor forward(const at::Tensor& z);
  // For a decoder that is never trained: folds every enlargement into the convolution after it.
  void fold(const Placement& placement);

  Conv2d conv_in{nullptr}, conv_out{nullptr};
  torch::nn::ModuleList up{nullptr};  // numbered by level, run from the highest to 0
  Middle mid{nullptr};
  GroupNorm norm_out{nullptr};
};
TORCH_MODULE(VqganDecoder);

// The codebook, and for a Gumbel model the projection to logits beside it.
struct QuantizerImpl : torch::nn::Module {
  explicit QuantizerImpl(const VqganConfig& config);
  at::Tensor codebook() const;             // [codes, embed_dim]
  at::Tensor logits(const at::Tensor& z);  // Gumbel only: [N, codes, h, w]

 private:
  at::Tensor codebook_;
  Conv2d proj_{nullptr};
};
TORCH_MODULE(Quantizer);

// The whole model, with the names of a checkpoint's state dict.
struct VqModelImpl : torch::nn::Module {
  explicit VqModelImpl(const VqganConfig& config);

  VqganEncoder encoder{nullptr};
  VqganDecoder decoder{nullptr};
  Quantizer quantize{nullptr};
  Conv2d quant_conv{nullptr}, post_quant_conv{nullptr};
};
TORCH_MODULE(VqModel);

}  // namespace latentreel::models
