#pragma once

#include <ATen/core/Tensor.h>

namespace latentreel::models {

// x * sigmoid(x).
at::Tensor silu(const at::Tensor& x);

// x * sigmoid(1.702 x), CLIP's activation (models/clip).
at::Tensor quick_gelu(const at::Tensor& x);

// GroupNorm over `groups` groups of x: [N, C, H, W], affine with weight, bias: [C].
at::Tensor group_norm(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                      int64_t groups, double eps);

// silu(group_norm(x)) in one pass each way: saves x and two numbers a group, and recomputes the
// rest in backward. Differentiable in x, weight and bias.
at::Tensor group_norm_silu(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                           int64_t groups, double eps);

}  // namespace latentreel::models
