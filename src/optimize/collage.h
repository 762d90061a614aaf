#pragma once

#include <ATen/core/Tensor.h>

namespace latentreel::render {

// Lays what all of `lent` have in common over `base`. Where they differ is their ground; there the
// base stays. The overlay is moved, by at most a tenth of the picture, to where its edges match
// those of the base best, so that a thing in another colour covers the thing itself.
//
//   base  [1, 3, H, W] in [0, 1]
//   lent  [n, 3, H, W] in [0, 1], n at least 2: pictures of one thing on different grounds
//
// Returns [1, 3, H, W] in [0, 1].
at::Tensor collage(const at::Tensor& base, const at::Tensor& lent);

}  // namespace latentreel::render
