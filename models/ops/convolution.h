#pragma once

#include <ATen/core/Tensor.h>

// Convolution for frozen networks. While a latent is optimized no weight ever needs a gradient, yet
// the stock operator keeps its input alive for one. This one keeps the weight alone, so a decoder's
// memory is what its normalisations save and nothing more.

namespace latentreel::models {

// x: [N, Cin, H, W]; weight: [Cout, Cin, k, k]; bias: [Cout] or undefined. Zero padding on all
// sides. Differentiable in x; where weight or bias wants a gradient (training) it is the stock
// operator.
at::Tensor conv2d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                  int64_t stride = 1, int64_t padding = 0);

}  // namespace latentreel::models
