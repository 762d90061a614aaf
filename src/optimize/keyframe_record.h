#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

#include "src/frames/latent.h"
#include "src/optimize/keyframe_optimizer.h"

namespace latentreel::render {

// What is kept of an optimized keyframe: its latent, and how that was found. With several passes
// (src/optimize/passes.h) iterations are those of the last one.
struct KeyframeRecord {
  Latent latent;                        // the result, as frames are made of it
  std::string start;                    // where it began, for people
  std::vector<Iteration> history;       // of every iteration, in order
  int best_iteration = -1;              // -1: no iteration was made
  int rollbacks = 0;                    // how often the loss was not a number, in all passes
  double seconds = 0;                   // of work, over all runs and passes
  double seconds_before = 0;            // of these, in the passes before the last one
  std::map<int, at::Tensor> snapshots;  // iteration -> z [1, C, h, w] before its step: a few
  at::Tensor best_z;  // the same of the best iteration; undefined where none is known
};

// Whether an iteration's latent is kept: 0, 1, 2, 5, 10, 20, 50, 100, ...
bool is_snapshot(int iteration);

}  // namespace latentreel::render
