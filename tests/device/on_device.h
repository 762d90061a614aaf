#pragma once

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <optional>

#include "src/optimize/model_pack.h"
#include "tests/device/device_under_test.h"

// What the comparisons of a device with the CPU share.

namespace latentreel::testing {

// The pair twice: `here` on the CPU, `there` on the device. Skips its tests where there is none.
class OnDevice : public ::testing::Test {
 protected:
  void SetUp() override;

  render::Machine here_machine, there_machine;
  std::optional<render::ModelPack> here, there;
};

// Expects what the device has made twice to be the same: bit for bit where that is promised, and on
// CUDA, where it is not yet (operators of LibTorch add in an order that varies), but for rounding.
void expect_same(const at::Tensor& again, const at::Tensor& once);

// Of two tensors on the CPU, the cosine between them as vectors.
double cosine(const at::Tensor& a, const at::Tensor& b);
// The length of their difference as a part of b's: rounding, and nothing else, in float32.
double difference(const at::Tensor& a, const at::Tensor& b);

struct Outcome {
  at::Tensor value, gradient;  // on the CPU
};

// What `network` makes of `input`, and the gradient of a fixed mixture of that.
template <class Network>
Outcome outcome(const at::Tensor& input, const Network& network) {
  auto x = input.detach().clone().requires_grad_();
  const auto value = network(x);
  const auto mixture = at::sin(at::arange(value.numel(), at::kFloat)).view(value.sizes());
  (value * mixture.to(value.device())).sum().backward();
  return {value.detach().cpu(), x.grad().cpu()};
}

}  // namespace latentreel::testing
