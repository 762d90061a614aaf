#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "models/files/state_dict.h"

namespace torch::nn {
class Module;
}

// Weights and pictures that a formula gives, so that exact values can be pinned where the trained
// weights cannot be had (models.md section 7.1).

namespace latentreel::models::testing {

// The tensor named `name`: from sin(0.01 h + 1.7 i), h the sum of the name's bytes mod 1000.
at::Tensor synthetic_tensor(const std::string& name, const std::vector<int64_t>& shape);

// A state dict with a synthetic tensor for every parameter and buffer of `module`.
StateDict synthetic_weights(const torch::nn::Module& module);

// T(channels, height, width) as [1, C, H, W]: 0.5 + 0.5 sin(0.013 i) in row-major order.
at::Tensor test_image(int64_t channels, int64_t height, int64_t width);

// Expects the first numbers of `tensor`, in row-major order, to be `expected`.
void expect_begins(const at::Tensor& tensor, const std::vector<double>& expected,
                   double tolerance = 1e-4);
void expect_sum(const at::Tensor& tensor, double expected, double tolerance);
void expect_norm(const at::Tensor& tensor, double expected, double tolerance);

}  // namespace latentreel::models::testing
