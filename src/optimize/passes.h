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

// The passes of a keyframe on a grid, coarse to fine (design: OptimizeOptions::coarse): the fresh
// ones, of which the one of least loss goes on; one after each doubling; the last one on the grid
// itself, for `iterations`. Just that one where nothing is coarse and nothing begun anew. A pass
// that is not fresh begins at what the one before made, enlarged, and is pulled to that.
std::vector<Pass> passes_of(const scenes::Keyframe& keyframe, Grid grid);

// How many of the passes before the last one are fresh.
int beginnings(const scenes::OptimizeOptions& options);

// Iterations of all passes together, at most: patience may end each of them earlier.
int iterations_of(const scenes::OptimizeOptions& options);

// Throws RenderError (scene) where halving leaves a side of less than kFewestCells.
inline constexpr int64_t kFewestCells = 2;
void check_passes(const scenes::Keyframe& keyframe, Grid grid);

// "64x32": the grid's picture, width first. factor: pixels a cell.
std::string size_text(Grid grid, int64_t factor);

}  // namespace latentreel::render
