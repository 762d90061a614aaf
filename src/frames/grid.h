#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "models/vqgan/config.h"
#include "scenes/scene.h"

namespace latentreel::render {

// A grid of latent cells.
struct Grid {
  int64_t height = 0;
  int64_t width = 0;
};

// In pixels.
struct PictureSize {
  int64_t height = 0;
  int64_t width = 0;

  friend bool operator==(const PictureSize&, const PictureSize&) = default;
};

// The grid of a scene's pictures: as many cells as cover the scene's size, so less than one cell a
// side is cut off the decoded picture.
Grid grid_of(const scenes::VideoOptions& video, const models::VqganConfig& vqgan);

// What the VQGAN decodes from a grid.
PictureSize decoded_size(Grid grid, const models::VqganConfig& vqgan);

// What a film shows of the decoded picture: its middle, of the scene's size.
PictureSize shown_size(const scenes::VideoOptions& video);

// The middle of picture [..., H, W], of that size; where an odd number of rows or columns is cut
// off, one more of them at the bottom or right. A view.
at::Tensor middle_of(const at::Tensor& picture, PictureSize size);

}  // namespace latentreel::render
