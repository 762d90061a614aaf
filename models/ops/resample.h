#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

// Pictures made smaller (or larger) for CLIP, differentiable in the picture. `resample` is the
// notebooks' definition in plain tensor code; `crop_resize` does the same to many squares of one
// picture at once. On the CPU in float32 that is a kernel of our own: both steps of a resize are
// linear and act on each axis alone, so their product is one short list of weights for every
// output row and one for every column. Its gradient has the same bits whatever the thread count.

namespace latentreel::models {

// A rectangle of pixels.
struct Box {
  std::int64_t top = 0, left = 0, height = 0, width = 0;

  friend bool operator==(const Box&, const Box&) = default;
};

enum class Filter {
  lanczos_bicubic,  // Crowson's `resample`
  bilinear,         // corners aligned, no antialiasing
};

// Taps of the low-pass for an axis that shrinks by ratio = new size / old size < 1: Lanczos-2 at
// 0, ratio, 2 ratio, ..., mirrored, normalised to sum 1.
std::vector<double> lanczos_taps(double ratio);

// Crowson's resample: every axis that shrinks is low-passed (first height, then width; reflect
// padding), then one bicubic interpolation with corners aligned. x: [N, C, H, W] to
// [N, C, height, width]. An axis must be longer than half its taps, as reflection needs.
at::Tensor resample(const at::Tensor& x, std::int64_t height, std::int64_t width);

// Each box of image [1, C, H, W], resized: [boxes, C, height, width]. Boxes lie inside the image.
at::Tensor crop_resize(const at::Tensor& image, const std::vector<Box>& boxes, std::int64_t height,
                       std::int64_t width, Filter filter);

// (adaptive average + adaptive maximum) / 2. x: [N, C, H, W] to [N, C, size, size].
at::Tensor adaptive_pool(const at::Tensor& x, std::int64_t size);

// The same as crop_resize, in plain tensor code: its definition, and the path of other devices.
at::Tensor crop_resize_reference(const at::Tensor& image, const std::vector<Box>& boxes,
                                 std::int64_t height, std::int64_t width, Filter filter);

}  // namespace latentreel::models
