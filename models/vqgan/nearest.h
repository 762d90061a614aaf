#pragma once

#include <ATen/core/Tensor.h>

namespace latentreel::models {

// The index of the code nearest to each point, by Euclidean distance: points [M, C], codes [K, C],
// both float32 on one device -> [M] int64. Computed in pieces: all distances to a large codebook at
// once would take gigabytes for the cells of one large picture. No gradient.
at::Tensor nearest(const at::Tensor& points, const at::Tensor& codes);

}  // namespace latentreel::models
