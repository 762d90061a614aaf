#pragma once

#include <ATen/core/Tensor.h>

#include <memory>

#include "models/clip/config.h"
#include "models/placement.h"

namespace latentreel::models {

class StateDict;
struct ClipModelImpl;

// The image side of a frozen CLIP. Differentiable in its input. Copies share the weights.
class ClipImageEncoder {
 public:
  int64_t resolution() const { return config_.resolution; }
  int64_t embed_dim() const { return config_.embed_dim; }

  // images: [N, 3, R, R] in [0, 1], R the resolution; normalised here with the model's mean and
  // standard deviation. Returns [N, embed_dim] float32, not unit length.
  at::Tensor encode(const at::Tensor& images) const;

 private:
  friend class Clip;
  ClipConfig config_;
  Placement placement_;
  at::Tensor mean_, std_;  // [1, 3, 1, 1]
  std::shared_ptr<ClipModelImpl> model_;
};

// The text side.
class ClipTextEncoder {
 public:
  int64_t context() const { return config_.context; }

  // tokens: [N, T] int64 as ClipTokenizer frames them, T at most the context. Returns
  // [N, embed_dim] float32, not unit length.
  at::Tensor encode(const at::Tensor& tokens) const;

 private:
  friend class Clip;
  ClipConfig config_;
  std::shared_ptr<ClipModelImpl> model_;  // its text tower is float32: prompts are encoded once
  at::Device device_ = at::kCPU;
};

// A frozen CLIP: both encoders and its configuration.
class Clip {
 public:
  // Checks that these are exactly a CLIP's tensors, in the right shapes: throws what the
  // constructor throws, without reading any values.
  static void check(const StateDict& weights);

  // Infers the configuration and loads the tensors strictly (load_strictly). Throws WeightsError.
  explicit Clip(const StateDict& weights, Placement placement = {});

  const ClipConfig& config() const { return image_.config_; }
  const ClipImageEncoder& image() const { return image_; }
  const ClipTextEncoder& text() const { return text_; }
  double logit_scale() const { return logit_scale_; }  // exp of the stored number

 private:
  ClipImageEncoder image_;
  ClipTextEncoder text_;
  double logit_scale_ = 1;
};

}  // namespace latentreel::models
