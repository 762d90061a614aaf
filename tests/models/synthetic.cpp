#include "tests/models/synthetic.h"

#include <gtest/gtest.h>
#include <torch/nn/module.h>

#include <cmath>

namespace latentreel::models::testing {
namespace {

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

bool starts_with(const std::string& text, const std::string& begin) {
  return text.compare(0, begin.size(), begin) == 0;
}

// "a.b.weight" belongs to a norm when b begins so, or when it is a shortcut's BatchNorm.
bool is_norm_weight(const std::string& name) {
  if (!ends_with(name, ".weight")) return false;
  const auto owner = name.substr(0, name.size() - 7);
  const auto dot = owner.rfind('.');
  const auto parent = dot == std::string::npos ? owner : owner.substr(dot + 1);
  return starts_with(parent, "bn") || starts_with(parent, "ln_") || starts_with(parent, "norm") ||
         ends_with(owner, "downsample.1");
}

}  // namespace

at::Tensor synthetic_tensor(const std::string& name, const std::vector<int64_t>& shape) {
  int64_t hash = 0;
  for (const unsigned char byte : name) hash += byte;
  hash %= 1000;
  int64_t count = 1;
  for (const auto size : shape) count *= size;
  const auto u = at::sin(at::arange(count, at::kDouble) * 1.7 + 0.01 * static_cast<double>(hash));
  at::Tensor values;
  if (name == "logit_scale") {
    values = at::full({count}, std::log(100.0), at::kDouble);
  } else if (ends_with(name, "running_var")) {
    values = 1 + 0.25 * u;
  } else if (is_norm_weight(name)) {
    values = 1 + 0.1 * u;
  } else if (shape.size() >= 2) {
    values = u / std::sqrt(static_cast<double>(count) / static_cast<double>(shape[0]));
  } else {
    values = 0.1 * u;
  }
  return values.to(at::kFloat).view(shape);
}

StateDict synthetic_weights(const torch::nn::Module& module) {
  StateDict::Tensors tensors;
  for (const auto& item : module.named_parameters()) {
    tensors[item.key()] = synthetic_tensor(item.key(), item.value().sizes().vec());
  }
  for (const auto& item : module.named_buffers()) {
    tensors[item.key()] = synthetic_tensor(item.key(), item.value().sizes().vec());
  }
  return StateDict(std::move(tensors));
}

at::Tensor test_image(int64_t channels, int64_t height, int64_t width) {
  const auto index = at::arange(channels * height * width, at::kDouble);
  return (0.5 + 0.5 * at::sin(0.013 * index)).to(at::kFloat).view({1, channels, height, width});
}

void expect_begins(const at::Tensor& tensor, const std::vector<double>& expected,
                   double tolerance) {
  const auto flat = tensor.detach().to(at::kDouble).contiguous().flatten();
  ASSERT_GE(flat.numel(), static_cast<int64_t>(expected.size()));
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(flat[i].item<double>(), expected[i], tolerance) << "element " << i;
  }
}

void expect_sum(const at::Tensor& tensor, double expected, double tolerance) {
  EXPECT_NEAR(tensor.detach().to(at::kDouble).sum().item<double>(), expected, tolerance);
}

void expect_norm(const at::Tensor& tensor, double expected, double tolerance) {
  EXPECT_NEAR(tensor.detach().to(at::kDouble).norm().item<double>(), expected, tolerance);
}

}  // namespace latentreel::models::testing
