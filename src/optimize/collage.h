#pragma once

#include <ATen/core/Tensor.h>

namespace latentreel::render {

// `base` with what all of `lent` have in common laid over it: where they differ is their ground,
// and stays the base's. Slides it, by a tenth of the picture at most, to where its edges lie best
// on those of the base, so that a thing in another colour covers the thing itself.
//
//   base  [1, 3, H, W] in [0, 1]
//   lent  [n, 3, H, W] in [0, 1], n at least 2: pictures of one thing on different grounds
//
// Returns [1, 3, H, W] in [0, 1].
at::Tensor collage(const at::Tensor& base, const at::Tensor& lent);

}  // namespace latentreel::render
