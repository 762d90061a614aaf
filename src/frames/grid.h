#pragma once

#include <cstdint>

#include "models/vqgan/config.h"
#include "scenes/scene.h"

namespace latentreel::render {

// A grid of latent cells.
struct Grid {
  int64_t height = 0;
  int64_t width = 0;
};

// The grid of a scene's pictures: its size divided by the VQGAN's factor, rounded down. Throws
// RenderError (scene) for a size below one cell.
Grid grid_of(const scenes::VideoOptions& video, const models::VqganConfig& vqgan);

}  // namespace latentreel::render
