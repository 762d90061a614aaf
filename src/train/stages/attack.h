#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

namespace latentreel::training {

// Projected gradient descent (Madry et al.: "Towards Deep Learning Models Resistant to Adversarial
// Attacks", 2018) in L2: pictures near the given ones that lower `score` the most. An image tower
// that never saw such pictures in training is fooled by coloured noise, and cannot guide.
//
//   pictures  [N, 3, R, R] in [0, 1]
//   score     pictures -> [N], one value for each picture, which the attack lowers
//   radius    [N], the largest L2 distance of each picture from the given one
//
// Returns [N, 3, R, R] in [0, 1], without a gradient.
at::Tensor attack(const at::Tensor& pictures,
                  const std::function<at::Tensor(const at::Tensor&)>& score,
                  const at::Tensor& radius, int64_t steps);

}  // namespace latentreel::training
