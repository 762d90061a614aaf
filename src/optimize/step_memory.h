#pragma once

#include <ATen/core/ScalarType.h>

#include "models/clip/config.h"
#include "models/vqgan/config.h"
#include "src/frames/grid.h"

namespace latentreel::render {

// How many bytes a step of the optimization allocates beside the weights, as far as shapes tell:
// what the decoder keeps for its way back (the inputs of its norms, the weights of its attention,
// which grow with the square of the picture's area) with its largest tensors, and what a CLIP keeps
// of one chunk of `cutouts`. Measured steps of the bundled pair and of the
// published sizes come within a third of it (tests/benchmarks).
double decoder_step_bytes(const models::VqganConfig& vqgan, Grid grid, at::ScalarType dtype);
double clip_step_bytes(const models::ClipConfig& clip, int64_t cutouts, at::ScalarType dtype);

}  // namespace latentreel::render
