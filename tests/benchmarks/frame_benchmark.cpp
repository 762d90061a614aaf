// Latent to frame: decode, clamp, round. Arguments: side of the picture, precision (0 float32,
// 1 bfloat16).

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>

#include "src/render/frame_decoder.h"
#include "tests/benchmarks/full_size.h"
#include "tests/render/tiny_pair.h"

namespace latentreel::benchmarks {
namespace {

void run_frames(benchmark::State& state, const models::Vqgan& vqgan) {
  const auto cells = state.range(0) / vqgan.config().factor();
  const auto codes = (at::arange(cells * cells, at::kLong) * 5).remainder(vqgan.config().codes);
  const auto z = vqgan.embed_codes(codes.view({1, cells, cells}));
  const render::FrameDecoder decoder(vqgan, 8);
  decoder.decode(z, 0);
  for (auto _ : state) benchmark::DoNotOptimize(decoder.decode(z, 0));
  state.counters["frames/s"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  state.counters["peak_MB"] = peak_memory() / 1e6;
}

void FullFrame(benchmark::State& state) {
  at::set_num_threads(2);
  run_frames(state, full_vqgan({at::kCPU, state.range(1) == 1 ? at::kBFloat16 : at::kFloat}));
}
BENCHMARK(FullFrame)->Args({256, 0})->Args({256, 1})->Unit(benchmark::kMillisecond);

void TinyFrame(benchmark::State& state) {
  render::ModelPack models(render::testing::tiny_files(), render::testing::test_machine());
  run_frames(state, models.vqgan(state.range(1) == 1 ? scenes::Precision::bfloat16
                                                     : scenes::Precision::float32));
}
BENCHMARK(TinyFrame)->Args({128, 0})->Args({256, 0})->Args({512, 0})->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace latentreel::benchmarks

BENCHMARK_MAIN();
