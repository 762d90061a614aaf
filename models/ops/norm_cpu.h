#pragma once

#include <cstdint>

// The CPU's own passes of group_norm_silu, on plain float32 memory [N, area, C]: channels last, as
// the CPU's convolutions like it best. Each value is read twice each way, and nothing but two
// numbers a group is kept. The definition they must agree with is the ATen path of norm.cpp. Sums
// are taken over fixed blocks, so the bits do not depend on the number of threads.

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
void group_norm_silu(const GroupShape& shape, const float* x, const float* weight,
                     const float* bias, double eps, float* y, float* mean, float* rstd);

// dx from dy, with mean and rstd of the forward pass.
void group_norm_silu_backward(const GroupShape& shape, const float* x, const float* weight,
                              const float* bias, const float* mean, const float* rstd,
                              const float* dy, float* dx);

}  // namespace latentreel::models::cpu
