#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "models/training/training_run.h"

namespace CLI {
class App;
}

namespace latentreel::train {

// What every stage that trains a network is told.
struct StageOptions {
  std::filesystem::path folder = "training";
  double minutes = 30;
  int64_t steps = 0;  // 0: by minutes
  uint64_t seed = 1;
  bool resume = false;
  std::string device = "auto";
  int threads = 0;
};

void add_stage_options(CLI::App& command, StageOptions& options);

// The device that is meant, its threads set. Throws RenderError where it is not there.
at::Device device_of(const StageOptions& options);

// Trains to the end of the budget or until a signal, showing how it goes on standard error; draws
// the curve as NAME.svg. Returns an exit code: done, or 130/143 where it was stopped.
int run_stage(training::Stage& stage, const StageOptions& options, const std::string& name);

}  // namespace latentreel::train
