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

// The 3x3 convolution (padding 1) of x enlarged to twice its size by nearest neighbour is exactly
// one transposed convolution (kernel 4, stride 2, padding 1) whose taps are sums of the 3x3 ones:
// 4/9 of the multiplications, and the enlarged picture never exists.
//
// weight: [Cout, Cin, 3, 3] -> kernel [Cin, Cout, 4, 4]; fold before rounding to bfloat16.
at::Tensor upsample_kernel(const at::Tensor& weight);

// x: [N, Cin, H, W], kernel of upsample_kernel, bias: [Cout] -> [N, Cout, 2H, 2W]. Differentiable
// in x alone.
at::Tensor upsample_conv2d(const at::Tensor& x, const at::Tensor& kernel, const at::Tensor& bias);

}  // namespace latentreel::models
