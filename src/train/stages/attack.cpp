#include "src/train/stages/attack.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

namespace latentreel::training {
namespace {

at::Tensor length(const at::Tensor& x) {
  return x.flatten(1).norm(2, 1).clamp_min(1e-12).view({-1, 1, 1, 1});
}

}  // namespace

at::Tensor attack(const at::Tensor& pictures,
                  const std::function<at::Tensor(const at::Tensor&)>& score,
                  const at::Tensor& radius, int64_t steps) {
  const auto limit = radius.view({-1, 1, 1, 1});
  // Together the steps may go further than the radius, so that the last ones slide along it.
  const auto stride = limit * (1.5 / static_cast<double>(steps));
  at::Tensor moved = pictures.detach();
  for (int64_t i = 0; i < steps; ++i) {
    at::Tensor gradient;
    {
      const at::AutoGradMode with_gradient(true);
      auto variable = moved.detach().requires_grad_(true);
      gradient = torch::autograd::grad({score(variable).sum()}, {variable})[0];
    }
    const at::NoGradGuard no_gradient;
    moved = moved - gradient / length(gradient) * stride;
    const auto way = moved - pictures;
    moved = (pictures + way * (limit / length(way)).clamp_max(1)).clamp(0, 1);
  }
  return moved.detach();
}

}  // namespace latentreel::training
