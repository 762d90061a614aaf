#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "models/placement.h"
#include "src/train/stages/training_run.h"

namespace CLI {
class App;
}

namespace latentreel::train {

// The options of every stage that trains a network.
struct StageOptions {
  std::filesystem::path folder = "training";
  double minutes = 30;
  int64_t steps = 0;  // 0: by minutes
  uint64_t seed = 1;
  bool resume = false;
  std::filesystem::path from;  // weights to begin with; none: fresh ones
  std::string device = "auto";
  std::string precision = "auto";
  int threads = 0;
};

void add_stage_options(CLI::App& command, StageOptions& options);

// The requested device, with its threads set, and whether matrix products are computed in bfloat16.
// Throws RenderError where the device is missing.
models::Placement placement_of(const StageOptions& options);

// Trains to the end of the budget or until a signal, showing progress on standard error; draws the
// curve as NAME.svg. Returns an exit code: done, or 130/143 where it was stopped.
int run_stage(training::Stage& stage, const StageOptions& options, const std::string& name);

}  // namespace latentreel::train
