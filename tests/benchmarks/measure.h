#pragma once

#include <benchmark/benchmark.h>

#include <optional>

#include "src/render/machine.h"

// What the benchmark programs share. Every benchmark takes the arguments kArguments: side of the
// picture; precision, 0 float32 or 1 bfloat16; device, 0 the CPU or 1 the device under test, which
// is the first CUDA device unless the program says otherwise (tests/device/device_under_test.h).
//
//   build-dev/tests/benchmarks/step_benchmark --benchmark_filter='Full.*device:0'

namespace latentreel::benchmarks {

enum Argument { kSide, kPrecision, kDevice };
inline const std::vector<std::string> kArguments = {"side", "precision", "device"};

// The machine with the device that `state` asks for, as a render resolves it. Where there is none
// the benchmark is skipped with the reason, and nothing returned.
std::optional<render::Machine> machine_for(benchmark::State& state);

scenes::Precision precision_of(const benchmark::State& state);

// Peak memory since it was made, weights included that were there already: of the process
// ("peak_bytes", resident) and of a device that is not the CPU ("device_peak_bytes", allocated).
class PeakMemory {
 public:
  explicit PeakMemory(at::Device device);
  void report(benchmark::State& state) const;

 private:
  at::Device device_;
};

// Runs the benchmarks that the arguments ask for. The device under test is known by then.
int run(int argc, char** argv);

}  // namespace latentreel::benchmarks
