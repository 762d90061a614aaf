#pragma once

#include <c10/core/Device.h>

namespace latentreel::training {

// While it lives, convolutions and products of matrices on this thread are computed in bfloat16
// (autocast, Micikevicius et al.: Mixed Precision Training, 2018); parameters, their gradients and
// the optimizer's numbers stay float32. Compute losses outside of its lifetime. Only one may exist
// at a time.
class MixedPrecision {
 public:
  MixedPrecision(at::Device device, bool enabled);
  ~MixedPrecision();
  MixedPrecision(const MixedPrecision&) = delete;
  MixedPrecision& operator=(const MixedPrecision&) = delete;

 private:
  at::DeviceType type_;
  bool enabled_;
};

}  // namespace latentreel::training
