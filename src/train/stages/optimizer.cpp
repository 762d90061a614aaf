#include "src/train/stages/optimizer.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/nn/module.h>

#include <algorithm>
#include <cmath>

namespace latentreel::training {

namespace {

constexpr double kEpsilon = 1e-8;
constexpr const char* kSteps = "steps";

}  // namespace

Optimizer::Optimizer(torch::nn::Module& network, Options options) : options_(options) {
  const at::NoGradGuard no_gradient;
  for (const auto& item : network.named_parameters()) {
    const auto& parameter = item.value();
    slots_.push_back({.name = item.key(),
                      .parameter = parameter,
                      .mean = at::zeros_like(parameter),
                      .square = at::zeros_like(parameter),
                      .average = parameter.detach().clone(),
                      .decays = parameter.dim() >= 2});
  }
  for (const auto& item : network.named_buffers()) {
    buffers_.push_back({item.key(), item.value(), item.value().clone()});
  }
}

double Optimizer::step(double learning_rate) {
  const at::NoGradGuard no_gradient;
  double squares = 0;
  for (const auto& slot : slots_) {
    if (slot.parameter.grad().defined())
      squares += slot.parameter.grad().square().sum().item<double>();
  }
  const auto length = std::sqrt(squares);
  const auto scale = std::isfinite(length)
                         ? std::min(1.0, options_.longest_gradient / std::max(length, 1e-12))
                         : 0.0;
  if (scale > 0) {
    ++steps_;
    const auto steps = static_cast<double>(steps_);
    const auto rate = learning_rate / (1 - std::pow(options_.beta1, steps));
    const auto correction = 1 / std::sqrt(1 - std::pow(options_.beta2, steps));
    // The average of few steps is young: it forgets its start soon.
    const auto kept = std::min(options_.average, (1 + steps) / (10 + steps));
    for (auto& slot : slots_) {
      const auto& gradient = slot.parameter.grad();
      if (gradient.defined()) {
        const auto cut = gradient * scale;
        slot.mean.lerp_(cut, 1 - options_.beta1);
        slot.square.mul_(options_.beta2).addcmul_(cut, cut, 1 - options_.beta2);
        if (slot.decays) slot.parameter.mul_(1 - learning_rate * options_.weight_decay);
        slot.parameter.addcdiv_(slot.mean, slot.square.sqrt().mul_(correction).add_(kEpsilon),
                                -rate);
      }
      slot.average.lerp_(slot.parameter, 1 - kept);
    }
    for (auto& buffer : buffers_) buffer.average.lerp_(buffer.value, 1 - kept);
  }
  for (auto& slot : slots_) slot.parameter.mutable_grad().reset();
  return length;
}

models::StateDict::Tensors Optimizer::averaged() const {
  models::StateDict::Tensors tensors;
  for (const auto& slot : slots_) tensors.emplace(slot.name, slot.average);
  for (const auto& buffer : buffers_) tensors.emplace(buffer.name, buffer.average);
  return tensors;
}

models::StateDict::Tensors Optimizer::current() const {
  models::StateDict::Tensors tensors;
  for (const auto& slot : slots_) tensors.emplace(slot.name, slot.parameter.detach());
  for (const auto& buffer : buffers_) tensors.emplace(buffer.name, buffer.value);
  return tensors;
}

void Optimizer::begin_average() {
  const at::NoGradGuard no_gradient;
  for (auto& slot : slots_) slot.average.copy_(slot.parameter);
  for (auto& buffer : buffers_) buffer.average.copy_(buffer.value);
}

void Optimizer::save(const std::string& prefix, models::StateDict::Tensors& state) const {
  for (const auto& slot : slots_) {
    state.emplace(prefix + "value." + slot.name, slot.parameter.detach());
    state.emplace(prefix + "mean." + slot.name, slot.mean);
    state.emplace(prefix + "square." + slot.name, slot.square);
    state.emplace(prefix + "average." + slot.name, slot.average);
  }
  for (const auto& buffer : buffers_) {
    state.emplace(prefix + "buffer." + buffer.name, buffer.value);
    state.emplace(prefix + "average." + buffer.name, buffer.average);
  }
  state.emplace(prefix + kSteps, at::scalar_tensor(steps_, at::kLong));
}

void Optimizer::restore(const std::string& prefix, const models::StateDict& state) {
  const at::NoGradGuard no_gradient;
  const auto take = [&](at::Tensor& into, const std::string& name) {
    const auto& saved = state.at(prefix + name);
    into.copy_(saved.view(into.sizes()));
  };
  for (auto& slot : slots_) {
    take(slot.parameter, "value." + slot.name);
    take(slot.mean, "mean." + slot.name);
    take(slot.square, "square." + slot.name);
    take(slot.average, "average." + slot.name);
  }
  for (auto& buffer : buffers_) {
    take(buffer.value, "buffer." + buffer.name);
    take(buffer.average, "average." + buffer.name);
  }
  steps_ = state.at(prefix + kSteps).item<int64_t>();
}

}  // namespace latentreel::training
