// One step of the optimization: decode, cutouts, CLIP, backward, update. Arguments: side of the
// picture, precision (0 float32, 1 bfloat16).
//
//   build-dev/tests/benchmarks/step_benchmark --benchmark_filter=Full

#include <ATen/ATen.h>
#include <benchmark/benchmark.h>

#include "scenes/recipes.h"
#include "src/render/keyframe_optimizer.h"
#include "src/render/keyframes.h"
#include "tests/benchmarks/full_size.h"
#include "tests/render/tiny_pair.h"

namespace latentreel::benchmarks {
namespace {

using render::Guide;

models::Placement placement_of(const benchmark::State& state) {
  return {at::kCPU, state.range(1) == 1 ? at::kBFloat16 : at::kFloat};
}

// The notebook recipe with `cutouts` cutouts, guided by one prompt of random direction.
void run_steps(benchmark::State& state, const models::Vqgan& vqgan, const models::Clip& clip) {
  auto options = scenes::recipe("notebook");
  options.iterations = 1'000'000;
  const auto cells = state.range(0) / vqgan.config().factor();
  const auto codes = (at::arange(cells * cells, at::kLong) * 5).remainder(vqgan.config().codes);
  const render::Latent start(vqgan.embed_codes(codes.view({1, cells, cells})));
  render::Target target;
  target.embedding = at::sin(at::arange(clip.config().embed_dim, at::kFloat)).unsqueeze(0);
  std::vector<Guide> guides;
  guides.push_back(
      {.encoder = clip.image(),
       .weight = 1,
       .objective = render::Objective({target}, options.loss),
       .cutouts = render::Cutouts(options, clip.config().resolution, {.content = 1, .seed = 2})});
  render::KeyframeOptimizer optimizer(vqgan, std::move(guides), options, start,
                                      render::kCutoutChunk);
  const render::StopToken never;
  optimizer.step(never);
  for (auto _ : state) optimizer.step(never);
  state.counters["steps/s"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  state.counters["peak_MB"] = peak_memory() / 1e6;
}

void FullStep(benchmark::State& state) {
  render::testing::test_machine();  // sets the number of threads
  run_steps(state, full_vqgan(placement_of(state)), full_clip(placement_of(state)));
}
BENCHMARK(FullStep)->Args({256, 0})->Args({256, 1})->Unit(benchmark::kMillisecond)->Iterations(3);

void TinyStep(benchmark::State& state) {
  render::ModelPack models(render::testing::tiny_files(), render::testing::test_machine());
  const auto precision =
      state.range(1) == 1 ? scenes::Precision::bfloat16 : scenes::Precision::float32;
  run_steps(state, models.vqgan(precision), models.clips(precision).front().clip);
}
BENCHMARK(TinyStep)->Args({128, 0})->Args({256, 0})->Args({256, 1})->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace latentreel::benchmarks

BENCHMARK_MAIN();
