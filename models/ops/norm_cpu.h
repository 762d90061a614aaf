#pragma once

#include <cstdint>

// The CPU's own passes of group_norm_silu, on plain memory [N, area, C]: channels last, the layout
// that suits the CPU's convolutions best. Each value is read twice each way, and nothing but two
// numbers a group is kept. Values are float or c10::BFloat16; arithmetic and affine numbers are
// float either way. The definition they must agree with is the ATen path of norm.cpp. Sums are
// taken over fixed blocks, so the bits do not depend on the number of threads.

namespace latentreel::models::cpu {

struct GroupShape {
  int64_t samples = 0;
  int64_t area = 0;  // H * W
  int64_t channels = 0;
  int64_t groups = 0;

  int64_t per_group() const { return channels / groups; }
};

// y = silu(x normalised, times weight, plus bias). mean, rstd: [samples * groups], filled.
// weight, bias: [channels].
template <class Value>
void group_norm_silu(const GroupShape& shape, const Value* x, const float* weight,
                     const float* bias, double eps, Value* y, float* mean, float* rstd);

// Where the gradients of weight and bias go, [channels] each; null for a frozen network.
struct AffineGradient {
  float* weight = nullptr;
  float* bias = nullptr;
};

// dx from dy, with mean and rstd of the forward pass.
template <class Value>
void group_norm_silu_backward(const GroupShape& shape, const Value* x, const float* weight,
                              const float* bias, const float* mean, const float* rstd,
                              const Value* dy, Value* dx, AffineGradient affine = {});

}  // namespace latentreel::models::cpu
