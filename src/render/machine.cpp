#include "src/render/machine.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <sched.h>

#include <algorithm>

namespace latentreel::render {
namespace {

int usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

// The widest instruction set that LibTorch will use here.
std::string instruction_set() {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) return "avx512";
  if (__builtin_cpu_supports("avx2")) return "avx2";
  return "baseline";
}

}  // namespace

at::ScalarType Machine::dtype(scenes::Precision precision) const {
  switch (precision) {
    case scenes::Precision::float32:
      return at::kFloat;
    case scenes::Precision::bfloat16:
      return at::kBFloat16;
    case scenes::Precision::automatic:
      break;
  }
  return fast_bfloat16 ? at::kBFloat16 : at::kFloat;
}

Machine resolve_machine(at::Device device, int threads) {
  Machine machine;
  machine.device = device;
  machine.threads = threads > 0 ? threads : usable_cores();
  at::set_num_threads(machine.threads);
  if (device.is_cpu()) {
    machine.kind = "cpu " + instruction_set();
    machine.fast_bfloat16 = __builtin_cpu_supports("avx512bf16");
  } else {
    machine.kind = device.str();
    machine.fast_bfloat16 = true;
  }
  return machine;
}

}  // namespace latentreel::render
