#pragma once

#include <cstdint>

// The CPU's own passes of group_norm_silu, on plain float32 memory [N, C, area] in row-major order:
// each value is read from memory twice each way, and nothing but two numbers a group is kept. The
// definition they must agree with is the ATen path of norm.cpp.

namespace latentreel::models::cpu {

struct GroupShape {
  int64_t samples = 0;
  int64_t groups = 0;
  int64_t channels_per_group = 0;
  int64_t area = 0;  // H * W
};

// y = silu(x normalised, times weight, plus bias). mean, rstd: [samples * groups], filled.
// weight, bias: [groups * channels_per_group].
void group_norm_silu(const GroupShape& shape, const float* x, const float* weight,
                     const float* bias, double eps, float* y, float* mean, float* rstd);

// dx from dy, with mean and rstd of the forward pass.
void group_norm_silu_backward(const GroupShape& shape, const float* x, const float* weight,
                              const float* bias, const float* mean, const float* rstd,
                              const float* dy, float* dx);

}  // namespace latentreel::models::cpu
