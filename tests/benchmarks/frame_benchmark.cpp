// Latent to frame: decode, clamp, round. measure.h says what the arguments are.

#include <ATen/ATen.h>

#include "src/render/frame_decoder.h"
#include "tests/benchmarks/full_size.h"
#include "tests/benchmarks/measure.h"
#include "tests/render/tiny_pair.h"

namespace latentreel::benchmarks {
namespace {

void run_frames(benchmark::State& state, const models::Vqgan& vqgan) {
  const auto cells = state.range(kSide) / vqgan.config().factor();
  const auto codes = (at::arange(cells * cells, at::kLong) * 5).remainder(vqgan.config().codes);
  const auto z = vqgan.embed_codes(codes.view({1, cells, cells}));
  const render::FrameDecoder decoder(vqgan, 8);
  decoder.decode(z, 0);  // prepares what the others reuse
  const PeakMemory peak(vqgan.placement().device);
  for (auto _ : state) benchmark::DoNotOptimize(decoder.decode(z, 0));
  peak.report(state);
  state.counters["frames/s"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void FullFrame(benchmark::State& state) {
  const auto machine = machine_for(state);
  if (machine) run_frames(state, full_vqgan(machine->placement(precision_of(state))));
}
BENCHMARK(FullFrame)
    ->ArgNames(kArguments)
    ->ArgsProduct({{256, 512}, {0, 1}, {0, 1}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

void TinyFrame(benchmark::State& state) {
  const auto machine = machine_for(state);
  if (!machine) return;
  render::ModelPack models(render::testing::tiny_files(), *machine);
  run_frames(state, models.vqgan(precision_of(state)));
}
BENCHMARK(TinyFrame)
    ->ArgNames(kArguments)
    ->ArgsProduct({{128, 256, 512}, {0, 1}, {0, 1}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace latentreel::benchmarks

int main(int argc, char** argv) {
  return latentreel::benchmarks::run(argc, argv);
}
