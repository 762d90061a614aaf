// One step of the optimization: decode, cutouts, CLIP, backward, update. measure.h says what the
// arguments are.

#include <ATen/ATen.h>

#include "scenes/recipes.h"
#include "src/render/keyframe_optimizer.h"
#include "tests/benchmarks/full_size.h"
#include "tests/benchmarks/measure.h"
#include "tests/render/tiny_pair.h"

namespace latentreel::benchmarks {
namespace {

using render::Guide;

// The notebook recipe with its 32 cutouts, guided by one prompt of some direction.
void run_steps(benchmark::State& state, const models::Vqgan& vqgan, const models::Clip& clip) {
  auto options = scenes::recipe("notebook");
  options.iterations = 1'000'000;
  const auto device = vqgan.placement().device;
  const auto cells = state.range(kSide) / vqgan.config().factor();
  const auto codes = (at::arange(cells * cells, at::kLong) * 5).remainder(vqgan.config().codes);
  const render::Latent start(vqgan.embed_codes(codes.view({1, cells, cells})));
  render::Target target;
  target.embedding =
      at::sin(at::arange(clip.config().embed_dim, at::kFloat)).unsqueeze(0).to(device);
  std::vector<Guide> guides;
  guides.push_back(
      {.encoder = clip.image(),
       .weight = 1,
       .objective = render::Objective({target}, options.loss),
       .cutouts = render::Cutouts(options, clip.config().resolution, {.content = 1, .seed = 2})});
  render::KeyframeOptimizer optimizer(vqgan, std::move(guides), options, start,
                                      render::kCutoutChunk);
  const render::StopToken never;
  optimizer.step(never);  // prepares what the others reuse
  const PeakMemory peak(device);
  for (auto _ : state) optimizer.step(never);  // looks at its loss, so a device has finished it
  peak.report(state);
  state.counters["steps/s"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void FullStep(benchmark::State& state) {
  const auto machine = machine_for(state);
  if (!machine) return;
  const auto placement = machine->placement(precision_of(state));
  run_steps(state, full_vqgan(placement), full_clip(placement));
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
  const auto machine = machine_for(state);
  if (!machine) return;
  render::ModelPack models(render::testing::tiny_files(), *machine);
  const auto precision = precision_of(state);
  run_steps(state, models.vqgan(precision), models.clips(precision).front().clip);
}
BENCHMARK(TinyStep)
    ->ArgNames(kArguments)
    ->ArgsProduct({{128, 256}, {0, 1}, {0, 1}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace latentreel::benchmarks

int main(int argc, char** argv) {
  return latentreel::benchmarks::run(argc, argv);
}
