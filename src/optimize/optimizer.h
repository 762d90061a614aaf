#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>

#include "scenes/scene.h"

namespace latentreel::render {

// One step of a gradient method on one tensor, with PyTorch's formulas and defaults (Kingma & Ba
// 2015 for adam and adamax, Loshchilov & Hutter 2019 for adamw, Duchi et al. 2011 for adagrad,
// Liu et al. 2020 for radam, Hinton's lecture for rmsprop). `normalized` is adam with one second
// moment, the mean over the whole tensor. Its whole state can be taken out and put back, and
// continues to the same bits.
class Optimizer {
 public:
  using State = std::map<std::string, at::Tensor>;

  Optimizer(scenes::OptimizerKind kind, double learning_rate, double weight_decay);

  // z after the step; the arguments are not changed. Shapes are the same, float32. `part`: the
  // learning rate of this step, as a fraction of learning_rate().
  at::Tensor step(const at::Tensor& z, const at::Tensor& gradient, double part = 1);

  double learning_rate() const { return learning_rate_; }
  void set_learning_rate(double rate) { learning_rate_ = rate; }

  State state() const;
  void restore(const State& state);

 private:
  // The running averages, made on first use in the shape of the gradient.
  at::Tensor& average(const char* name, const at::Tensor& like);
  // The running average of the gradient, with this one in it.
  const at::Tensor& mean_of(const at::Tensor& g);
  // What an average that began at zero is divided by.
  double correction(double beta) const;

  // Each moves z in place, by a gradient g of its shape.
  void step_adam(at::Tensor& z, const at::Tensor& g, double rate);
  void step_normalized(at::Tensor& z, const at::Tensor& g, double rate);
  void step_adamax(at::Tensor& z, const at::Tensor& g, double rate);
  void step_radam(at::Tensor& z, const at::Tensor& g, double rate);

  scenes::OptimizerKind kind_;
  double learning_rate_;
  double weight_decay_;
  int64_t steps_ = 0;
  State averages_;
};

}  // namespace latentreel::render
