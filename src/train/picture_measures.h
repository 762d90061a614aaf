#pragma once

#include <ATen/core/Tensor.h>

#include "models/vqgan/vqgan.h"

// What a person sees of an optimized picture and no CLIP does: whether it is still one of those
// that the VQGAN knows.

namespace latentreel::train {

// How far z [1, C, h, w] is from what encoding its decoded picture gives: root of the mean square,
// in the codebook's standard deviations. A picture that the VQGAN knows comes back as it went.
double manifold_distance(const models::Vqgan& vqgan, const at::Tensor& z);

// How sharp the edges of `start` still are in `picture`, both [1, 3, H, W]: the steepest change
// within a pixel of them, over the tenth of the pixels where the start changes most, as a part of
// the start's. 1 for the start itself, below 1 where edges are blurred or gone.
double edge_sharpness(const at::Tensor& start, const at::Tensor& picture);

}  // namespace latentreel::train
