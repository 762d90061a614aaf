// How many pictures a second one core draws of the mix that training sees, captions included.
//
//   build-dev/tests/benchmarks/world_benchmark

#include <benchmark/benchmark.h>

#include "src/train/world/captions.h"
#include "src/train/world/picture.h"

namespace latentreel::world {
namespace {

void pictures(benchmark::State& state) {
  std::uint64_t number = 0;
  for ([[maybe_unused]] auto _ : state) {
    Random random(1, number++);
    const Composition composition = draw_composition(random);
    benchmark::DoNotOptimize(caption(composition, random).text);
    benchmark::DoNotOptimize(paint(composition, static_cast<int>(state.range(0))).pixels.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(pictures)->ArgName("side")->Arg(64)->Arg(128)->Arg(256)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace latentreel::world

BENCHMARK_MAIN();
