#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "models/files/state_dict.h"

namespace torch::nn {
class Module;
}

namespace latentreel::training {

// AdamW (Loshchilov, Hutter: "Decoupled Weight Decay Regularization", 2019) over all parameters of
// a network, with gradients clipped to a length, and a running average of the parameters, which is
// the result of training. Buffers are averaged, too: the current statistics of the norms would not
// fit kernels averaged over a thousand steps.
class Optimizer {
 public:
  struct Options {
    double beta1 = 0.9;
    double beta2 = 0.99;
    double weight_decay = 0;      // of matrices and kernels; never of biases and scales
    double longest_gradient = 1;  // of all parameters together; what is longer is scaled down
    double average = 0.999;       // how much of the average stays each step
  };

  Optimizer(torch::nn::Module& network, Options options);

  // One step along the parameters' gradients, which are cleared. Parameters without a gradient
  // stay. Returns the gradients' length before clipping; where it is not a number, nothing is
  // changed.
  double step(double learning_rate);

  // Parameters and buffers by name: averaged, or as they stand.
  models::StateDict::Tensors averaged() const;
  models::StateDict::Tensors current() const;

  // Restarts the average from the current parameters: for after they were given other values.
  void begin_average();

  // save() adds everything that a later process needs to continue to the same bits, under names
  // that begin with `prefix`; restore() reads it, and throws WeightsError where something is
  // missing or has another shape.
  void save(const std::string& prefix, models::StateDict::Tensors& state) const;
  void restore(const std::string& prefix, const models::StateDict& state);

 private:
  struct Slot {
    std::string name;
    at::Tensor parameter, mean, square, average;
    bool decays = false;
  };
  std::vector<Slot> slots_;
  struct Buffer {
    std::string name;
    at::Tensor value, average;
  };
  std::vector<Buffer> buffers_;
  Options options_;
  int64_t steps_ = 0;
};

}  // namespace latentreel::training
