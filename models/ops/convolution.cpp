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
    ctx->saved_data["format"] = static_cast<int64_t>(x.suggest_memory_format());
    ctx->saved_data["stride"] = stride;
    ctx->saved_data["padding"] = padding;
    return at::conv2d(x, weight, bias, {stride, stride}, {padding, padding});
  }

  // The operator asks for the input, of which this gradient needs the shape alone: memory that is
  // never touched stands for it. (A transposed convolution is the same sum, and in bfloat16
  // slower.)
  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto weight = ctx->saved_data["weight"].toTensor();
    const auto stride = ctx->saved_data["stride"].toInt();
    const auto padding = ctx->saved_data["padding"].toInt();
    // A kernel of 1x1 cannot tell channels last from first: the input could.
    const auto format = static_cast<at::MemoryFormat>(ctx->saved_data["format"].toInt());
    const auto input =
        at::empty(ctx->saved_data["input"].toIntVector(), weight.options().memory_format(format));
    auto [grad, grad_weight, grad_bias] = at::convolution_backward(
        grads[0].contiguous(format), input, weight, at::OptionalIntArrayRef(), {stride, stride},
        {padding, padding}, {1, 1}, false, {0, 0}, 1, {true, false, false});
    return {grad, at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

struct UpsampleConv2d : torch::autograd::Function<UpsampleConv2d> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const at::Tensor& kernel,
                            const at::Tensor& bias) {
    ctx->saved_data["kernel"] = kernel;
    return at::conv_transpose2d(x, kernel, bias, {2, 2}, {1, 1});
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto kernel = ctx->saved_data["kernel"].toTensor();
    return {at::conv2d(grads[0], kernel, {}, {2, 2}, {1, 1}), at::Tensor(), at::Tensor()};
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

// In one direction: row r of the large picture reads the enlarged rows r - 1, r, r + 1, which are
// the small rows floor((r - 1) / 2), floor(r / 2), floor((r + 1) / 2); and the transposed
// convolution adds small row i to row r through tap r + 1 - 2 i. So tap 0 is the last of the three,
// tap 1 the last two together, tap 2 the first two, tap 3 the first.
at::Tensor upsample_kernel(const at::Tensor& weight) {
  TORCH_CHECK(weight.dim() == 4 && weight.size(2) == 3 && weight.size(3) == 3,
              "upsample_kernel: a weight [Cout, Cin, 3, 3] is needed, got ", weight.sizes());
  const auto taps = [](const at::Tensor& w, int64_t axis) {
    const auto first = w.narrow(axis, 0, 1), middle = w.narrow(axis, 1, 1),
               last = w.narrow(axis, 2, 1);
    return at::cat({last, middle + last, first + middle, first}, axis);
  };
  return taps(taps(weight, 2), 3).transpose(0, 1).contiguous();
}

at::Tensor upsample_conv2d(const at::Tensor& x, const at::Tensor& kernel, const at::Tensor& bias) {
  if (!at::GradMode::is_enabled() || !x.requires_grad()) {
    return at::conv_transpose2d(x, kernel, bias, {2, 2}, {1, 1});
  }
  return UpsampleConv2d::apply(x, kernel, bias);
}

}  // namespace latentreel::models
