#pragma once

#include <ATen/core/Tensor.h>

#include "models/vqgan/vqgan.h"

// What a person notices in an optimized picture but no CLIP does: whether it still is a picture
// like those that the VQGAN was trained on.

namespace latentreel::train {

// How far z [1, C, h, w] is from what encoding its decoded picture gives: root mean square, in
// standard deviations of the codebook. A picture like those that the VQGAN was trained on comes
// back almost unchanged.
double manifold_distance(const models::Vqgan& vqgan, const at::Tensor& z);

// How sharp the edges of `start` still are in `picture`, both [1, 3, H, W]: the steepest change
// within a pixel of them, over the tenth of the pixels where the start changes most, as a fraction
// of the same in the start. 1 for the start itself, below 1 where edges are blurred or gone.
double edge_sharpness(const at::Tensor& start, const at::Tensor& picture);

}  // namespace latentreel::train
