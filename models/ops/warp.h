#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

// Pictures seen through 3x3 maps, differentiable in the picture: the geometric half of the cutouts'
// augmentations. Conventions of published libraries (kornia, torchvision) are put into the map by
// whoever makes it (src/optimize/homography.h); here a map is plain pixel geometry.
//
// On the CPU in float32 this is a kernel of our own: coordinates are computed on the fly, one
// source serves all outputs without being repeated, and the gradient has the same bits whatever
// the thread count. Elsewhere it is ATen's grid_sampler_2d, which is also the definition.

namespace latentreel::models {

enum class Sampling { nearest, bilinear };
enum class PaddingMode { zeros, border, reflection };  // reflection: about the pixels' outer edges

// image: [1 or N, C, H, W]. maps: [N, 3, 3], float32 or float64, on the CPU: from a pixel (x, y, 1)
// of the output to its place in the image, both counted in pixels from the centre of the upper left
// one. Where a map is exactly the identity (and the sizes agree) the picture is copied. Returns
// [N, C, height, width].
at::Tensor warp(const at::Tensor& image, const at::Tensor& maps, Sampling sampling,
                PaddingMode outside, std::int64_t height, std::int64_t width);

// The same in plain tensor code.
at::Tensor warp_reference(const at::Tensor& image, const at::Tensor& maps, Sampling sampling,
                          PaddingMode outside, std::int64_t height, std::int64_t width);

}  // namespace latentreel::models
