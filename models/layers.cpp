#include "models/layers.h"

#include <ATen/core/grad_mode.h>

#include "models/ops/convolution.h"
#include "models/ops/norm.h"

namespace latentreel::models {
namespace {

constexpr double kLayerNormEps = 1e-5;
constexpr double kGroupNormEps = 1e-6;

}  // namespace

Conv2dImpl::Conv2dImpl(int64_t in, int64_t out, int64_t kernel, Conv2dOptions options)
    : options_(options) {
  weight = register_parameter("weight", torch::empty({out, in, kernel, kernel}));
  if (options.bias) bias = register_parameter("bias", torch::empty({out}));
}

at::Tensor Conv2dImpl::forward(const at::Tensor& x) {
  return conv2d(x, weight, bias, options_.stride, options_.padding);
}

LinearImpl::LinearImpl(int64_t in, int64_t out) {
  weight = register_parameter("weight", torch::empty({out, in}));
  bias = register_parameter("bias", torch::empty({out}));
}

at::Tensor LinearImpl::forward(const at::Tensor& x) {
  return at::linear(x, weight, bias);
}

LayerNormImpl::LayerNormImpl(int64_t width) {
  weight = register_parameter("weight", torch::empty({width}));
  bias = register_parameter("bias", torch::empty({width}));
}

at::Tensor LayerNormImpl::forward(const at::Tensor& x) {
  return at::layer_norm(x, weight.sizes(), weight, bias, kLayerNormEps);
}

GroupNormImpl::GroupNormImpl(int64_t groups, int64_t channels) : groups_(groups) {
  weight = register_parameter("weight", torch::empty({channels}));
  bias = register_parameter("bias", torch::empty({channels}));
}

at::Tensor GroupNormImpl::forward(const at::Tensor& x) {
  return group_norm(x, weight, bias, groups_, kGroupNormEps);
}

at::Tensor GroupNormImpl::forward_silu(const at::Tensor& x) {
  return group_norm_silu(x, weight, bias, groups_, kGroupNormEps);
}

void freeze(torch::nn::Module& module, const Placement& placement) {
  module.eval();
  module.to(placement.device, placement.dtype);
  at::NoGradGuard no_grad;
  for (auto& parameter : module.parameters()) {
    parameter.set_requires_grad(false);
    if (parameter.dim() == 4) {
      parameter.set_data(parameter.contiguous(placement.picture_format()));
    }
  }
}

}  // namespace latentreel::models
