#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenes/scene.h"
#include "src/frames/grid.h"

namespace latentreel::render {

// One run of iterations over a keyframe's picture, on one grid.
struct Pass {
  scenes::Keyframe keyframe;  // as this pass optimizes it: its iterations, its seed
  Grid grid;
  bool fresh = false;  // begins at the keyframe's start, not at the picture of the pass before
};

// The passes of a keyframe on a grid, from coarse to fine (design: OptimizeOptions::coarse): first
// the fresh ones, of which the one with the smallest loss is continued; then one after each
// doubling; the last one is on `grid` itself and runs `iterations`. It is the only one where there
// are neither coarse passes nor restarts. A pass that is not fresh begins at the enlarged result of
// the one before, and is pulled to that.
std::vector<Pass> passes_of(const scenes::Keyframe& keyframe, Grid grid);

// How many of the passes before the last one are fresh.
int beginnings(const scenes::OptimizeOptions& options);

// Iterations of all passes together, at most: patience may end each of them earlier.
int iterations_of(const scenes::OptimizeOptions& options);

// The fewest cells that a side of a coarse grid may have.
inline constexpr int64_t kFewestCells = 2;

// Throws RenderError (scene) where halving leaves a side of less than kFewestCells.
void check_passes(const scenes::Keyframe& keyframe, Grid grid);

// "64x32": the size of the grid's picture, width first. factor: pixels per cell.
std::string size_text(Grid grid, int64_t factor);

}  // namespace latentreel::render
