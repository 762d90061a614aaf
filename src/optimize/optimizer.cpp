#include "src/optimize/optimizer.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

namespace latentreel::render {
namespace {

constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEps = 1e-8;
constexpr double kAdagradEps = 1e-10;
constexpr double kRmspropAlpha = 0.99;
constexpr const char* kSteps = "steps";
constexpr const char* kLearningRate = "learning_rate";

using scenes::OptimizerKind;

}  // namespace

Optimizer::Optimizer(OptimizerKind kind, double learning_rate, double weight_decay)
    : kind_(kind), learning_rate_(learning_rate), weight_decay_(weight_decay) {}

at::Tensor& Optimizer::average(const char* name, const at::Tensor& like) {
  auto& tensor = averages_[name];
  if (!tensor.defined()) tensor = at::zeros_like(like);
  return tensor;
}

at::Tensor Optimizer::step(const at::Tensor& z, const at::Tensor& gradient, double part) {
  at::NoGradGuard no_grad;
  const double rate = learning_rate_ * part;
  ++steps_;
  const bool decoupled = kind_ == OptimizerKind::adamw;  // the decay shrinks z, not the gradient
  auto next = decoupled ? z * (1 - rate * weight_decay_) : z.clone();
  auto g = gradient;
  if (!decoupled && weight_decay_ != 0) g = g.add(z, weight_decay_);
  switch (kind_) {
    case OptimizerKind::adam:
    case OptimizerKind::adamw:
      step_adam(next, g, rate);
      break;
    case OptimizerKind::normalized:
      step_normalized(next, g, rate);
      break;
    case OptimizerKind::adamax:
      step_adamax(next, g, rate);
      break;
    case OptimizerKind::radam:
      step_radam(next, g, rate);
      break;
    case OptimizerKind::adagrad: {
      auto& sum = average("sum", g);
      sum.addcmul_(g, g);
      next.addcdiv_(g, sum.sqrt().add_(kAdagradEps), -rate);
      break;
    }
    case OptimizerKind::rmsprop: {
      auto& v = average("v", g);
      v.mul_(kRmspropAlpha).addcmul_(g, g, 1 - kRmspropAlpha);
      next.addcdiv_(g, v.sqrt().add_(kEps), -rate);
      break;
    }
  }
  return next;
}

const at::Tensor& Optimizer::mean_of(const at::Tensor& g) {
  return average("m", g).mul_(kBeta1).add_(g, 1 - kBeta1);
}

double Optimizer::correction(double beta) const {
  return 1 - std::pow(beta, static_cast<double>(steps_));
}

void Optimizer::step_adam(at::Tensor& z, const at::Tensor& g, double rate) {
  const auto& m = mean_of(g);
  auto& v = average("v", g);
  v.mul_(kBeta2).addcmul_(g, g, 1 - kBeta2);
  const auto denominator = v.sqrt().div_(std::sqrt(correction(kBeta2))).add_(kEps);
  z.addcdiv_(m, denominator, -rate / correction(kBeta1));
}

void Optimizer::step_normalized(at::Tensor& z, const at::Tensor& g, double rate) {
  const auto mean_square = g.square().mean().view({1});  // not a scalar: those stay on the CPU
  auto& v = average("v", mean_square);
  const auto& m = mean_of(g);
  v.mul_(kBeta2).add_(mean_square, 1 - kBeta2);
  const auto denominator = v.sqrt().div_(std::sqrt(correction(kBeta2))).add_(kEps);
  z.addcdiv_(m, denominator, -rate / correction(kBeta1));
}

void Optimizer::step_adamax(at::Tensor& z, const at::Tensor& g, double rate) {
  const auto& m = mean_of(g);
  auto& u = average("u", g);
  u = at::maximum(u * kBeta2, g.abs() + kEps);
  z.addcdiv_(m, u, -rate / correction(kBeta1));
}

void Optimizer::step_radam(at::Tensor& z, const at::Tensor& g, double rate) {
  const auto& m = mean_of(g);
  auto& v = average("v", g);
  v.mul_(kBeta2).addcmul_(g, g, 1 - kBeta2);
  const double t = static_cast<double>(steps_);
  const double rho_inf = 2 / (1 - kBeta2) - 1;
  const double rho = rho_inf - 2 * t * std::pow(kBeta2, t) / correction(kBeta2);
  if (rho > 5) {
    const double rectified =
        std::sqrt((rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho));
    z.addcdiv_(m, v.sqrt().add_(kEps),
               -rate * rectified * std::sqrt(correction(kBeta2)) / correction(kBeta1));
  } else {
    z.add_(m, -rate / correction(kBeta1));
  }
}

Optimizer::State Optimizer::state() const {
  State state;
  for (const auto& [name, tensor] : averages_) state[name] = tensor.clone();
  state[kSteps] = at::scalar_tensor(steps_, at::kLong);
  state[kLearningRate] = at::scalar_tensor(learning_rate_, at::kDouble);
  return state;
}

void Optimizer::restore(const State& state) {
  averages_.clear();
  for (const auto& [name, tensor] : state) {
    if (name == kSteps) {
      steps_ = tensor.item<int64_t>();
    } else if (name == kLearningRate) {
      learning_rate_ = tensor.item<double>();
    } else {
      averages_[name] = tensor.clone();
    }
  }
}

}  // namespace latentreel::render
