#pragma once

#include <ATen/core/Tensor.h>

#include "models/tuning.h"

namespace latentreel::models {

// Where a network lives and how it computes. Inputs may be float32 on any device; outputs of a
// network's public calls are float32 on `device`.
struct Placement {
  at::Device device = at::kCPU;
  at::ScalarType dtype = at::kFloat;  // kFloat or kBFloat16
  Tuning tuning = tuning_of(device.type());

  // Of pictures and convolution weights.
  at::MemoryFormat picture_format() const {
    return tuning.channels_last ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
  }

  // A picture or latent [N, C, H, W] as the network takes it.
  at::Tensor place(const at::Tensor& picture) const {
    return picture.to(device, dtype).contiguous(picture_format());
  }
};

}  // namespace latentreel::models
