#pragma once

#include <c10/core/Device.h>

#include <filesystem>
#include <optional>
#include <string>

#include "models/tuning.h"
#include "src/optimize/model_pack.h"

// The device that a program's comparisons and benchmarks run on, beside the CPU, which is the
// reference: one a process, set by its main before the first tensor exists.

namespace latentreel::testing {

struct DeviceUnderTest {
  std::optional<c10::Device> device;
  std::string missing;         // why there is none: a sentence
  std::filesystem::path pair;  // the folder of the pair of networks that they run with
  std::string tuning;          // names (models/tuning.h) to turn on besides what the device has on
};

DeviceUnderTest& under_test();

// That device as a render resolves it, with the tuning asked for. There must be one.
render::Machine machine_under_test();

render::ModelFiles pair_files();

}  // namespace latentreel::testing
