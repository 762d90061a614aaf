#include "models/ops/norm.h"

#include <torch/csrc/autograd/custom_function.h>

namespace latentreel::models {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Keeps its input only; sigmoid is recomputed in backward.
struct QuickGelu : torch::autograd::Function<QuickGelu> {
  static constexpr double kSlope = 1.702;

  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x) {
    ctx->save_for_backward({x});
    return x.mul(kSlope).sigmoid_().mul_(x);
  }
  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto x = ctx->get_saved_variables()[0];
    const auto s = x.mul(kSlope).sigmoid_();
    // d/dx x s(kx) = s + k x s (1 - s)
    return {s.add(x.mul(s).mul_(kSlope).mul_(1 - s)).mul_(grads[0])};
  }
};

struct GroupNormSilu : torch::autograd::Function<GroupNormSilu> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const at::Tensor& weight,
                            const at::Tensor& bias, int64_t groups, double eps) {
    const auto n = x.size(0), c = x.size(1), area = x.size(2) * x.size(3);
    auto [y, mean, rstd] = at::native_group_norm(x, weight, bias, n, c, area, groups, eps);
    ctx->save_for_backward({x, mean, rstd});
    ctx->saved_data["weight"] = weight;
    ctx->saved_data["bias"] = bias;
    ctx->saved_data["groups"] = groups;
    return at::silu_(y);
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const auto& x = saved[0];
    const auto weight = ctx->saved_data["weight"].toTensor();
    const auto bias = ctx->saved_data["bias"].toTensor();
    const auto groups = ctx->saved_data["groups"].toInt();
    const auto n = x.size(0), c = x.size(1), area = x.size(2) * x.size(3);
    const auto per_channel = c / groups;

    // y = x * scale + shift, one pair of numbers a channel of a sample.
    const auto channel = [&](const at::Tensor& group) {
      return group.view({n, groups, 1}).expand({n, groups, per_channel}).reshape({n, c});
    };
    const auto scale = channel(saved[2]).mul(weight);
    const auto shift = bias - channel(saved[1]).mul(scale);
    const auto y = x.mul(scale.view({n, c, 1, 1})).add_(shift.view({n, c, 1, 1}));
    const auto dy = at::silu_backward(grads[0], y);
    auto [dx, dw, db] = at::native_group_norm_backward(dy, x, saved[1], saved[2], weight, n, c,
                                                       area, groups, {true, false, false});
    return {dx, at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor silu(const at::Tensor& x) { return at::silu(x); }

at::Tensor quick_gelu(const at::Tensor& x) {
  if (!at::GradMode::is_enabled()) return x.mul(QuickGelu::kSlope).sigmoid_().mul_(x);
  return QuickGelu::apply(x);
}

at::Tensor group_norm(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                      int64_t groups, double eps) {
  return at::group_norm(x, groups, weight, bias, eps);
}

at::Tensor group_norm_silu(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                           int64_t groups, double eps) {
  if (!at::GradMode::is_enabled() || weight.requires_grad() || bias.requires_grad()) {
    return at::silu(at::group_norm(x, groups, weight, bias, eps));
  }
  return GroupNormSilu::apply(x, weight, bias, groups, eps);
}

}  // namespace latentreel::models
