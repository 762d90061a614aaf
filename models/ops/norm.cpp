#include "models/ops/norm.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include "models/ops/norm_cpu.h"

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

// Whether the CPU's own passes take this tensor.
bool takes_own_pass(const at::Tensor& x) {
  return x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16) &&
         x.is_contiguous(at::MemoryFormat::ChannelsLast);
}

// Calls pass(a value of x's type).
template <class Pass>
void with_type_of(const at::Tensor& x, const Pass& pass) {
  if (x.scalar_type() == at::kBFloat16) {
    pass(at::BFloat16());
  } else {
    pass(float());
  }
}

cpu::GroupShape group_shape(const at::Tensor& x, int64_t groups) {
  return {
      .samples = x.size(0), .area = x.size(2) * x.size(3), .channels = x.size(1), .groups = groups};
}

// What ATen's norm is given. It keeps its statistics in the type of its arguments, and rounded to
// bfloat16 they are off by up to 0.4 %. Beside float32 affine numbers the CPU's kernels keep them
// in float32; CUDA's take one type only, so there the picture is float32 as well. CUDA's know
// nothing but contiguous pictures.
struct NormArguments {
  NormArguments(const at::Tensor& picture, const at::Tensor& w, const at::Tensor& b)
      : x(picture.is_cpu() ? picture : picture.contiguous()), weight(w), bias(b) {
    if (picture.scalar_type() != at::kBFloat16) return;
    weight = w.to(at::kFloat);
    bias = b.to(at::kFloat);
    if (!picture.is_cpu()) x = x.to(at::kFloat);
  }

  at::Tensor x, weight, bias;
};

struct Normalised {
  at::Tensor y, mean, rstd;  // [N, C, H, W], [N, groups] twice; the latter float32 for bfloat16
};

Normalised normalise_silu(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                          int64_t groups, double eps) {
  if (takes_own_pass(x)) {
    Normalised out{at::empty_like(x), at::empty({x.size(0), groups}),
                   at::empty({x.size(0), groups})};
    const auto w = weight.to(at::kFloat), b = bias.to(at::kFloat);
    with_type_of(x, [&]<class Value>(Value) {
      cpu::group_norm_silu(group_shape(x, groups), x.const_data_ptr<Value>(),
                           w.const_data_ptr<float>(), b.const_data_ptr<float>(), eps,
                           out.y.data_ptr<Value>(), out.mean.data_ptr<float>(),
                           out.rstd.data_ptr<float>());
    });
    return out;
  }
  const NormArguments given(x, weight, bias);
  auto [y, mean, rstd] = at::native_group_norm(given.x, given.weight, given.bias, x.size(0),
                                               x.size(1), x.size(2) * x.size(3), groups, eps);
  return {at::silu_(y).to(x.scalar_type()), mean, rstd};
}

struct NormGradient {
  at::Tensor x, weight, bias;  // the latter two where they were asked for
};

// The gradient through the activation and the norm, from ATen's operators: what defines the CPU's
// own pass.
NormGradient backward_by_operators(const at::Tensor& grad, const at::Tensor& x,
                                   const at::Tensor& mean, const at::Tensor& rstd,
                                   const at::Tensor& weight, const at::Tensor& bias, int64_t groups,
                                   bool trains) {
  const auto n = x.size(0), c = x.size(1), area = x.size(2) * x.size(3);
  const auto channel = [&](const at::Tensor& group) {  // [N, groups] -> [N, C]
    return group.view({n, groups, 1}).expand({n, groups, c / groups}).reshape({n, c});
  };
  const NormArguments given(x, weight, bias);
  const auto type = given.x.scalar_type();
  const auto scale = channel(rstd).mul(given.weight);
  const auto shift = given.bias - channel(mean).mul(scale);
  const auto y = given.x.mul(scale.view({n, c, 1, 1})).add_(shift.view({n, c, 1, 1}));
  const auto dy = at::silu_backward(grad.to(type), y.to(type));
  const auto [dx, dweight, dbias] =
      at::native_group_norm_backward(dy.contiguous(), given.x.contiguous(), mean, rstd,
                                     given.weight, n, c, area, groups, {true, trains, trains});
  return {dx.to(x.scalar_type()), dweight, dbias};
}

NormGradient backward_by_own_pass(const at::Tensor& grad, const at::Tensor& x,
                                  const at::Tensor& mean, const at::Tensor& rstd,
                                  const at::Tensor& weight, const at::Tensor& bias, int64_t groups,
                                  bool trains) {
  const auto dy = grad.to(x.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
  const auto w = weight.to(at::kFloat), b = bias.to(at::kFloat);
  NormGradient made{.x = at::empty_like(x), .weight = {}, .bias = {}};
  cpu::AffineGradient affine;
  if (trains) {
    made.weight = at::empty_like(w);
    made.bias = at::empty_like(b);
    affine = {made.weight.data_ptr<float>(), made.bias.data_ptr<float>()};
  }
  with_type_of(x, [&]<class Value>(Value) {
    cpu::group_norm_silu_backward(group_shape(x, groups), x.const_data_ptr<Value>(),
                                  w.const_data_ptr<float>(), b.const_data_ptr<float>(),
                                  mean.const_data_ptr<float>(), rstd.const_data_ptr<float>(),
                                  dy.const_data_ptr<Value>(), made.x.data_ptr<Value>(), affine);
  });
  return made;
}

struct GroupNormSilu : torch::autograd::Function<GroupNormSilu> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const at::Tensor& weight,
                            const at::Tensor& bias, int64_t groups, double eps) {
    const auto out = normalise_silu(x, weight, bias, groups, eps);
    ctx->save_for_backward({x, out.mean, out.rstd, weight, bias});
    ctx->saved_data["groups"] = groups;
    ctx->saved_data["trains"] = weight.requires_grad() || bias.requires_grad();
    return out.y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const auto &x = saved[0], &mean = saved[1], &rstd = saved[2], &weight = saved[3],
               &bias = saved[4];
    const auto groups = ctx->saved_data["groups"].toInt();
    const auto trains = ctx->saved_data["trains"].toBool();
    const auto& backward = takes_own_pass(x) ? backward_by_own_pass : backward_by_operators;
    auto made = backward(grads[0], x, mean, rstd, weight, bias, groups, trains);
    const auto typed = [&](const at::Tensor& grad) {
      return grad.defined() ? grad.to(weight.scalar_type()) : grad;
    };
    return {made.x, typed(made.weight), typed(made.bias), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor silu(const at::Tensor& x) {
  return at::silu(x);
}

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
  if (!at::GradMode::is_enabled()) return normalise_silu(x, weight, bias, groups, eps).y;
  return GroupNormSilu::apply(x, weight, bias, groups, eps);
}

}  // namespace latentreel::models
