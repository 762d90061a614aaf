// One step of the optimization: decode, cutouts, CLIP, backward, update. measure.h says what the
// arguments are.

#include "tests/benchmarks/full_size.h"
#include "tests/benchmarks/measure.h"
#include "tests/benchmarks/notebook_steps.h"
#include "tests/device/device_under_test.h"

namespace latentreel::benchmarks {
namespace {

// The first step prepares what the others reuse. A device that rested needs some to be at its
// speed, and some where steps are captured.
int steps_before(const models::Placement& placement) {
  return placement.device.is_cpu() ? 1 : models::GraphedFunction::kCallsBefore + 2;
}

void run_steps(benchmark::State& state, const models::Vqgan& vqgan, const models::Clip& clip) {
  auto optimizer = notebook_steps(vqgan, clip, state.range(kSide));
  const render::StopToken never;
  const auto& placement = vqgan.placement();
  for (int i = 0; i < steps_before(placement); ++i) optimizer.step(never);
  const PeakMemory peak(placement.device);
  for (auto _ : state) optimizer.step(never);  // looks at its loss, so a device has finished it
  peak.report(state);
  state.counters["steps/s"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void FullStep(benchmark::State& state) {
  with_machine(state, [&](const render::Machine& machine) {
    const auto placement = machine.placement(precision_of(state));
    run_steps(state, full_vqgan(placement), full_clip(placement));
  });
}
BENCHMARK(FullStep)
    ->ArgNames(kArguments)
    ->Args({256, 0, 0})
    ->Args({256, 1, 0})  // minutes where the CPU has no instructions for it
    ->Args({512, 0, 0})
    ->Iterations(2)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(FullStep)
    ->ArgNames(kArguments)
    ->ArgsProduct({{256, 512}, {0, 1}, {1}})
    ->Iterations(20)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

void TinyStep(benchmark::State& state) {
  with_machine(state, [&](const render::Machine& machine) {
    render::ModelPack models(testing::pair_files(), machine);
    const auto precision = precision_of(state);
    run_steps(state, models.vqgan(precision), models.clips(precision).front().clip);
  });
}
BENCHMARK(TinyStep)
    ->ArgNames(kArguments)
    ->ArgsProduct({{128, 256}, {0, 1}, {0, 1}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace latentreel::benchmarks
