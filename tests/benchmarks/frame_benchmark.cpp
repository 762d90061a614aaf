// Latents to frames: interpolate, decode, clamp, round. measure.h says what the arguments are.

#include <ATen/ATen.h>

#include "scenes/scene_reader.h"
#include "src/frames/decoded_frames.h"
#include "tests/benchmarks/full_size.h"
#include "tests/benchmarks/measure.h"
#include "tests/device/device_under_test.h"

namespace latentreel::benchmarks {
namespace {

// From one keyframe to another, in the groups that the machine decodes at once.
void run_frames(benchmark::State& state, const models::Vqgan& vqgan,
                const render::Machine& machine) {
  const auto cells = state.range(kSide) / vqgan.config().factor();
  const auto latent = [&](int64_t stride) {
    const auto codes =
        (at::arange(cells * cells, at::kLong) * stride).remainder(vqgan.config().codes);
    return render::Latent(vqgan.embed_codes(codes.view({1, cells, cells})));
  };
  const auto scene = scenes::parse_scene(
      "[[keyframe]]\nat = 0\nprompt = \"a\"\n[[keyframe]]\nat = 9\nprompt = "
      "\"b\"\n",
      "benchmark.toml");
  const scenes::FrameScript script(scenes::Timeline(scene), scene);
  const render::DecodedFrames source(
      script, render::LatentPath({latent(5), latent(7)}),
      render::FrameDecoder(vqgan, {state.range(kSide), state.range(kSide)}, 8));
  const scenes::FrameRange group{1, 1 + machine.frame_group};
  source.frames(group);  // prepares what the others reuse
  const PeakMemory peak(vqgan.placement().device);
  for (auto _ : state) benchmark::DoNotOptimize(source.frames(group));
  peak.report(state);
  state.counters["frames/s"] = benchmark::Counter(
      static_cast<double>(state.iterations() * machine.frame_group), benchmark::Counter::kIsRate);
}

void FullFrame(benchmark::State& state) {
  with_machine(state, [&](const render::Machine& machine) {
    run_frames(state, full_vqgan(machine.placement(precision_of(state))), machine);
  });
}
BENCHMARK(FullFrame)
    ->ArgNames(kArguments)
    ->ArgsProduct({{256, 512}, {0, 1}, {0, 1}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

void TinyFrame(benchmark::State& state) {
  with_machine(state, [&](const render::Machine& machine) {
    render::ModelPack models(testing::pair_files(), machine);
    run_frames(state, models.vqgan(precision_of(state)), machine);
  });
}
BENCHMARK(TinyFrame)
    ->ArgNames(kArguments)
    ->ArgsProduct({{128, 256, 512}, {0, 1}, {0, 1}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace latentreel::benchmarks
