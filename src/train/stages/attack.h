#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

namespace latentreel::training {

// Projected gradient descent (Madry et al.: "Towards Deep Learning Models Resistant to Adversarial
// Attacks", 2018) in L2: pictures near the given ones that lower `score` the most. A tower that was
// never shown such pictures is fooled by coloured confetti, and guides nothing.
//
//   pictures  [N, 3, R, R] in [0, 1]
//   score     pictures -> [N], what the attack lowers, each picture's own
//   radius    [N], the furthest that one may go, in L2 over its numbers
//
// Returns [N, 3, R, R] in [0, 1], without a gradient.
at::Tensor attack(const at::Tensor& pictures,
                  const std::function<at::Tensor(const at::Tensor&)>& score,
                  const at::Tensor& radius, int64_t steps);

}  // namespace latentreel::training
