#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "scenes/frame_spec.h"
#include "src/frames/grid.h"

// Internal to the room: how camera_view.h samples pictures.

namespace latentreel::render {

// From a place in the result to one in the picture, both in pixels from their upper left pixel's
// middle: (uc column + ur row + u, vc column + vr row + v).
struct PixelMap {
  double uc, ur, u;
  double vc, vr, v;
};

// How each pixel of the result is sampled.
struct Sampling {
  int64_t samples = 1;  // along each side
  double part = 0;      // of the pixel's side, over which they are spread
};

// The picture [3, H, W], float32, on the CPU, sampled in plain loops, several times as fast there
// as tensors of numbers that are looked up. What it computes is what camera_view.h says of any
// device, but for the last bits.
at::Tensor seen_on_cpu(const at::Tensor& picture, const PixelMap& map, Sampling sampling,
                       scenes::Edge edge, PictureSize result);

}  // namespace latentreel::render
