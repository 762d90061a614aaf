#include "src/run/machine.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <fmt/format.h>
#include <sched.h>
#include <torch/headeronly/version.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "src/run/limits.h"

namespace latentreel::render {
namespace {

// Every GPU model that is there, as its driver calls it. Which of them computes is not asked: GPUs
// of one machine are taken to be alike.
std::string gpu_models() {
  std::string models;
  std::error_code ignored;
  for (const auto& gpu : std::filesystem::directory_iterator("/proc/driver/nvidia/gpus", ignored)) {
    std::ifstream information(gpu.path() / "information");
    for (std::string line; std::getline(information, line);) {
      if (line.rfind("Model:", 0) == 0)
        models += " " + line.substr(line.find_first_not_of(" \t", 6));
    }
  }
  return models;
}

}  // namespace

int usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  double cores = CPU_COUNT(&set);
  if (const auto quota = cpu_quota()) cores = std::min(cores, std::ceil(*quota));
  return std::max(1, static_cast<int>(cores));
}

at::ScalarType Machine::dtype(scenes::Precision precision) const {
  switch (precision) {
    case scenes::Precision::float32:
      return at::kFloat;
    case scenes::Precision::bfloat16:
      return at::kBFloat16;
    case scenes::Precision::automatic:
      break;
  }
  return tuning.bfloat16 ? at::kBFloat16 : at::kFloat;
}

Machine resolve_machine(at::Device device, int threads) {
  return resolve_machine(device, threads, models::tuning_of(device.type()));
}

Machine resolve_machine(at::Device device, int threads, const models::Tuning& tuning) {
  Machine machine;
  machine.device = device;
  machine.tuning = tuning;
  machine.threads = threads > 0 ? threads : 1;
  at::set_num_threads(machine.threads);
  if (device.is_cpu()) {
    machine.kind = "cpu " + at::get_cpu_capability() + (tuning.bfloat16 ? " bfloat16" : "");
  } else {
    machine.frame_group = 8;
    machine.kind = "cuda" + gpu_models();
  }
  if (tuning != models::tuning_of(device.type())) {
    machine.kind += " with " + models::names_of(tuning);
  }
  machine.kind += fmt::format(", LibTorch {}.{}.{}", TORCH_VERSION_MAJOR, TORCH_VERSION_MINOR,
                              TORCH_VERSION_PATCH);
  models::apply(tuning);
  return machine;
}

}  // namespace latentreel::render
