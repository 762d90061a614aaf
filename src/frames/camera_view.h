#pragma once

#include <ATen/core/Tensor.h>

#include "scenes/frame_spec.h"
#include "src/frames/grid.h"

namespace latentreel::render {

// What the camera shows of `picture` [3, H, W], float32: [3, result.height, result.width] on the
// same device. Values may leave the picture's range a little, as bicubic interpolation does.
//
// The picture fills the frame, whatever its own proportions, and is sampled once, at the result's
// resolution: bicubic (Catmull-Rom, a = -0.5) of 4x4 pixels. Those beyond the picture are found by
// camera.edge, pixel by pixel, at any distance:
//
//   mirror   the picture mirrored at its edge: its outermost pixels stand twice in a row
//   border   the outermost pixel
//   wrap     the picture again
//   black    0
//
// Where the picture gets smaller, by s (the largest singular value of the map from the result's
// pixels to the picture's), n x n samples, n = ceil(s), are averaged over the part
// sqrt(1 - 1/s^2) of the result's pixel, so that sharpness does not jump where s leaves 1. Above 8
// the picture is averaged to about s/8 times smaller first.
//
// The same bits every time on the same device; the picture itself where the camera shows it as it
// is and the sizes are equal.
at::Tensor seen_through(const at::Tensor& picture, const scenes::Camera& camera,
                        PictureSize result);

}  // namespace latentreel::render
