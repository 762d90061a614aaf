#include "models/ops/gradients.h"

#include <torch/csrc/autograd/custom_function.h>

namespace latentreel::models {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct ReplaceGrad : torch::autograd::Function<ReplaceGrad> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& value,
                            const at::Tensor& target) {
    ctx->saved_data["shape"] = target.sizes().vec();
    return value.view_as(value);
  }
  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    return {at::Tensor(), grads[0].sum_to_size(ctx->saved_data["shape"].toIntVector())};
  }
};

struct ClampWithGrad : torch::autograd::Function<ClampWithGrad> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, double low, double high) {
    ctx->save_for_backward({x});
    ctx->saved_data["low"] = low;
    ctx->saved_data["high"] = high;
    return x.clamp(low, high);
  }
  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto x = ctx->get_saved_variables()[0];
    const double low = ctx->saved_data["low"].toDouble();
    const double high = ctx->saved_data["high"].toDouble();
    const auto passes = grads[0].mul(x - x.clamp(low, high)).ge(0);
    return {grads[0].mul(passes), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor replace_grad(const at::Tensor& value, const at::Tensor& target) {
  return ReplaceGrad::apply(value.detach(), target);
}

at::Tensor clamp_with_grad(const at::Tensor& x, double low, double high) {
  return ClampWithGrad::apply(x, low, high);
}

}  // namespace latentreel::models
