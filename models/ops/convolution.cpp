#include "models/ops/convolution.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <optional>

namespace latentreel::models {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct FrozenConv2d : torch::autograd::Function<FrozenConv2d> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const at::Tensor& weight,
                            const std::optional<at::Tensor>& bias, int64_t stride,
                            int64_t padding) {
    ctx->saved_data["weight"] = weight;
    ctx->saved_data["input"] = x.sizes().vec();
    ctx->saved_data["stride"] = stride;
    ctx->saved_data["padding"] = padding;
    return at::conv2d(x, weight, bias, {stride, stride}, {padding, padding});
  }

  // The gradient of a convolution in its input is the transposed convolution with the same weight.
  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto weight = ctx->saved_data["weight"].toTensor();
    const auto input = ctx->saved_data["input"].toIntVector();
    const auto stride = ctx->saved_data["stride"].toInt();
    const auto padding = ctx->saved_data["padding"].toInt();
    const auto remainder = [&](int64_t axis) {
      return (input[axis] + 2 * padding - weight.size(axis)) % stride;
    };
    auto grad = at::conv_transpose2d(grads[0], weight, {}, {stride, stride}, {padding, padding},
                                     {remainder(2), remainder(3)});
    return {grad, at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor conv2d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                  int64_t stride, int64_t padding) {
  const bool trains = weight.requires_grad() || (bias.defined() && bias.requires_grad());
  if (!at::GradMode::is_enabled() || !x.requires_grad() || trains) {
    return at::conv2d(x, weight, bias, {stride, stride}, {padding, padding});
  }
  const auto given = bias.defined() ? std::optional(bias) : std::nullopt;
  return FrozenConv2d::apply(x, weight, given, stride, padding);
}

}  // namespace latentreel::models
