#pragma once

#include <ATen/core/Tensor.h>

namespace latentreel::models {

// Where a network lives and how it computes. Inputs may be float32 on any device; outputs of a
// network's public calls are float32 on `device`.
struct Placement {
  at::Device device = at::kCPU;
  at::ScalarType dtype = at::kFloat;  // kFloat or kBFloat16

  at::Tensor place(const at::Tensor& tensor) const { return tensor.to(device, dtype); }
};

}  // namespace latentreel::models
