#include "tests/benchmarks/measure.h"

#include <c10/core/CachingDeviceAllocator.h>
#include <malloc.h>

#include <exception>
#include <fstream>
#include <optional>
#include <string>

#include "models/ops/device_graph.h"
#include "tests/device/device_under_test.h"

namespace latentreel::benchmarks {

using testing::under_test;

namespace {

benchmark::Counter bytes(double number) {  // shown as 1.5Gi
  return {number, benchmark::Counter::kDefaults, benchmark::Counter::kIs1024};
}

// Nothing where there is no such device; then the benchmark is skipped.
std::optional<render::Machine> machine_for(benchmark::State& state) {
  const bool beside = state.range(kDevice) == 1;
  if (beside && !under_test().device) {
    state.SkipWithError(under_test().missing.c_str());
    return {};
  }
  const auto machine =
      beside ? testing::machine_under_test() : render::resolve_machine(at::kCPU, 0);
  state.SetLabel(machine.kind + ", " + std::to_string(machine.threads) + " threads");
  return machine;
}

}  // namespace

scenes::Precision precision_of(const benchmark::State& state) {
  return state.range(kPrecision) == 1 ? scenes::Precision::bfloat16 : scenes::Precision::float32;
}

void with_machine(benchmark::State& state,
                  const std::function<void(const render::Machine&)>& work) {
  const auto machine = machine_for(state);
  if (!machine) return;
  if (machine->tuning.graphs && !models::has_graph_capturer(machine->device.type())) {
    state.SkipWithError("nothing captures the work of this device: built without CUDA's toolkit");
    return;
  }
  try {
    work(*machine);
  } catch (const std::exception& error) {
    const std::string text = error.what();
    state.SkipWithError(text.substr(0, text.find('\n')).c_str());
  }
}

// What the allocators hold back from earlier benchmarks is given back first. A 5 written to
// clear_refs makes the kernel's high-water mark what is resident now (proc(5)).
PeakMemory::PeakMemory(at::Device device) : device_(device) {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << 5;
  if (device.is_cpu()) return;
  auto* const memory = c10::getDeviceAllocator(device.type());
  memory->emptyCache();
  memory->resetPeakStats(device.index());
}

void PeakMemory::report(benchmark::State& state) const {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) {  // in units of 1024 bytes
      state.counters["peak_bytes"] = bytes(std::stod(line.substr(6)) * 1024);
    }
  }
  if (device_.is_cpu()) return;
  const auto stats = c10::getDeviceAllocator(device_.type())->getDeviceStats(device_.index());
  const auto all = static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE);
  state.counters["device_peak_bytes"] = bytes(static_cast<double>(stats.allocated_bytes[all].peak));
  state.counters["device_reserved_bytes"] =
      bytes(static_cast<double>(stats.reserved_bytes[all].peak));
}

int run(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}

}  // namespace latentreel::benchmarks
