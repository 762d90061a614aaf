#pragma once

#include "models/clip/transformer.h"

// CLIP's towers, parameter by parameter under the names of OpenAI's checkpoints. An image tower
// takes normalised pictures; see clip.h for the public interface, which normalises.

namespace latentreel::models {

// An image tower: [N, 3, R, R], normalised -> [N, embed], not unit length.
struct ImageTowerImpl : torch::nn::Module {
  virtual at::Tensor forward(const at::Tensor& image) = 0;
  // Called once, when the tower is frozen and still in float32: computes ahead what it can, and
  // places the results.
  virtual void fold(const Placement&) {}
};

struct VisionTransformerImpl : ImageTowerImpl {
  explicit VisionTransformerImpl(const ClipConfig& config);
  at::Tensor forward(const at::Tensor& image) override;

  Conv2d conv1{nullptr};  // patches
  at::Tensor class_embedding, positional_embedding, proj;
  LayerNorm ln_pre{nullptr}, ln_post{nullptr};
  Transformer transformer{nullptr};
};

// BatchNorm with its running statistics; batch statistics only while training.
struct BatchNormImpl : torch::nn::Module {
  explicit BatchNormImpl(int64_t channels);
  at::Tensor forward(const at::Tensor& x);  // [N, C, H, W], eps 1e-5

  at::Tensor weight, bias, running_mean, running_var;
};
TORCH_MODULE(BatchNorm);

// A convolution without bias and the BatchNorm behind it. They keep their own names in their
// owner; once folded they are one convolution.
class ConvNorm {
 public:
  ConvNorm() = default;
  ConvNorm(Conv2d conv, BatchNorm norm, int64_t stride, int64_t padding);
  at::Tensor operator()(const at::Tensor& x);
  void fold(const Placement& placement);

 private:
  Conv2d conv_{nullptr};
  BatchNorm norm_{nullptr};
  int64_t stride_ = 1, padding_ = 0;
  at::Tensor weight_, bias_;  // defined once folded
};

struct BottleneckImpl : torch::nn::Module {
  BottleneckImpl(int64_t in, int64_t planes, int64_t stride);
  at::Tensor forward(const at::Tensor& x);  // [N, in, H, W] -> [N, 4 planes, H/stride, W/stride]
  void fold(const Placement& placement);

 private:
  ConvNorm first_, second_, third_, shortcut_;
  bool has_shortcut_;
  int64_t stride_;
};
TORCH_MODULE(Bottleneck);

// Attention over all positions with a single query, their mean.
struct AttentionPoolImpl : torch::nn::Module {
  AttentionPoolImpl(int64_t tokens, int64_t width, int64_t heads, int64_t embed_dim);
  at::Tensor forward(const at::Tensor& x);  // [N, width, h, w] -> [N, embed]

  at::Tensor positional_embedding;  // [tokens + 1, width]
  Linear q_proj{nullptr}, k_proj{nullptr}, v_proj{nullptr}, c_proj{nullptr};

 private:
  int64_t heads_;
};
TORCH_MODULE(AttentionPool);

struct ModifiedResNetImpl : ImageTowerImpl {
  explicit ModifiedResNetImpl(const ClipConfig& config);
  at::Tensor forward(const at::Tensor& image) override;
  void fold(const Placement& placement) override;

  at::Tensor stem(const at::Tensor& image);              // [N, width, R/4, R/4]
  at::Tensor stage(int64_t index, const at::Tensor& x);  // 0 to 3

 private:
  ConvNorm stem_[3];
  torch::nn::ModuleList layers_[4] = {nullptr, nullptr, nullptr, nullptr};  // of Bottleneck
  AttentionPool attnpool_{nullptr};
};

// Both towers, as a checkpoint names them.
struct ClipModelImpl : torch::nn::Module {
  explicit ClipModelImpl(const ClipConfig& config);
  // tokens: [N, T] int64, T at most the context -> [N, embed], read at each row's largest id
  at::Tensor encode_text(const at::Tensor& tokens);

  std::shared_ptr<ImageTowerImpl> visual;
  Transformer transformer{nullptr};
  at::Tensor token_embedding, positional_embedding, text_projection, logit_scale;
  LayerNorm ln_final{nullptr};
};
TORCH_MODULE(ClipModel);

}  // namespace latentreel::models
