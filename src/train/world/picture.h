#pragma once

#include <cstdint>
#include <vector>

#include "src/train/world/composition.h"

namespace latentreel::world {

struct Picture {
  int size = 0;                      // width and height in pixels
  std::vector<std::uint8_t> pixels;  // RGB bytes, [size, size, 3]
};

// Antialiased. size: at least 1. Throws WorldError where Cairo fails (out of memory).
Picture paint(const Composition& composition, int size);

// How much of each pixel a thing in its own square covers, 0 to 255: [size, size].
std::vector<std::uint8_t> silhouette(Thing thing, int size);

}  // namespace latentreel::world
