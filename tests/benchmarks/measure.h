#pragma once

#include <benchmark/benchmark.h>

#include <functional>

#include "src/run/machine.h"

// What the benchmark programs share. Every benchmark takes the arguments kArguments: side of the
// picture; precision, 0 float32 or 1 bfloat16; device, 0 the CPU or 1 the device under test, which
// is the first CUDA device unless the program says otherwise (tests/device/device_under_test.h).
//
//   build-dev/tests/benchmarks/step_benchmark --benchmark_filter='Full.*device:0'

namespace latentreel::benchmarks {

enum Argument { kSide, kPrecision, kDevice };
inline const std::vector<std::string> kArguments = {"side", "precision", "device"};

scenes::Precision precision_of(const benchmark::State& state);

// Calls `work` with the machine that `state` asks for, as a render resolves it. Where there is no
// such device the benchmark is skipped with the reason; what `work` throws is its error. Either way
// the next ones are run.
void with_machine(benchmark::State& state, const std::function<void(const render::Machine&)>& work);

// Peak memory since it was made, weights included that were there already: of the process
// ("peak_bytes", resident) and of a device that is not the CPU ("device_peak_bytes", allocated, and
// "device_reserved_bytes", which holds what captured steps use in passing too).
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
