#pragma once

#include <ATen/core/Tensor.h>

// Operators whose gradient is not the derivative of their value: the small operators of the
// notebook family (Crowson's VQGAN+CLIP notebooks; formulas restated beside each).

namespace latentreel::models {

// The value of `value`, exactly; the gradient goes to `target`, summed to its shape, and none to
// `value`. Shapes must broadcast.
at::Tensor replace_grad(const at::Tensor& value, const at::Tensor& target);

// clamp(x, low, high). Backward passes g where g * (x - clamp(x)) >= 0: everywhere inside the
// range, and outside only where a descent step would move x back towards it.
at::Tensor clamp_with_grad(const at::Tensor& x, double low, double high);

}  // namespace latentreel::models
