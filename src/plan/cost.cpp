#include "src/plan/cost.h"

#include <ATen/ATen.h>

#include <cmath>
#include <map>
#include <tuple>

#include "src/frames/frame_decoder.h"
#include "src/run/lap_timer.h"

namespace latentreel::render {
namespace {

// Bits a pixel of the film, at quality 17 for those that have one; halved by every 6 more (x264's
// scale). Measured on films of the bundled pair and rounded.
double bits_per_pixel(const ffmpeg::VideoSettings& video) {
  const double quality = std::pow(2.0, (17 - video.quality.value_or(17)) / 6);
  switch (video.codec) {
    case ffmpeg::VideoCodec::h264:
      return 0.4 * quality;
    case ffmpeg::VideoCodec::hevc:
    case ffmpeg::VideoCodec::av1:
      return 0.25 * quality;
    case ffmpeg::VideoCodec::prores:
      return 3.5;
    case ffmpeg::VideoCodec::ffv1:
      break;
  }
  return 12;
}

double seconds_an_iteration(const Pass& pass, KeyframeMaker& maker,
                            const models::VqganConfig& vqgan, const StopToken& stop) {
  // A keyframe that starts from the one before takes as long from any start.
  const Latent previous(at::zeros({1, vqgan.embed_dim, pass.grid.height, pass.grid.width}));
  auto optimizer = maker.begin(pass, previous);
  optimizer.step(stop);  // the first one also prepares what the others reuse
  const LapTimer timer;
  optimizer.step(stop);
  return timer.seconds();
}

double seconds_a_frame(const RenderJob& job, const RenderPlan& plan, ModelPack& models) {
  const auto& vqgan = models.vqgan(frame_precision(job.scene));
  const FrameDecoder decoder(vqgan, 8);
  const auto z = vqgan.embed_codes(at::zeros({1, plan.grid.height, plan.grid.width}, at::kLong));
  decoder.decode(z, 0);
  const LapTimer timer;
  decoder.decode(z, 0);
  return timer.seconds();
}

}  // namespace

Cost measure_cost(const RenderJob& job, const RenderPlan& plan, ModelPack& models,
                  PlanRunner& runner, const StopToken& stop) {
  Cost cost;
  NoProgress quiet;
  KeyframeMaker maker(job.scene, models, job.machine, nullptr, quiet, stop);
  // Passes that compute alike are timed once.
  std::map<std::tuple<int, size_t, int, int, int64_t>, double> timed;
  for (size_t i = 0; i < plan.keys.size(); ++i) {
    const auto index = static_cast<int>(i);
    if (runner.done(plan.keys[i], {})) continue;
    for (const auto& pass : maker.passes(index)) {
      const auto& options = pass.keyframe.optimize;
      const auto kind =
          std::tuple(options.cutouts, options.augment.size(), static_cast<int>(options.cutter),
                     static_cast<int>(job.machine.dtype(options.precision)), pass.grid.height);
      if (timed.count(kind) == 0) {
        timed[kind] = seconds_an_iteration(pass, maker, models.vqgan_config(), stop);
      }
      cost.iterations += options.iterations;
      cost.optimizing += timed[kind] * options.iterations;
    }
  }
  for (size_t i = 0; i < plan.segments.size(); ++i) {
    if (!runner.done(plan.segments[i], {})) cost.frames += plan.ranges[i].size();
  }
  for (const auto& task : plan.paces) {
    if (!runner.done(task, {})) cost.probes += kPaceProbes;
  }
  if (cost.frames + cost.probes > 0) cost.frame = seconds_a_frame(job, plan, models);

  const auto video = video_settings(job, models.vqgan_config());
  const double pixels = static_cast<double>(ffmpeg::output_width(video)) *
                        static_cast<double>(ffmpeg::output_height(video));
  cost.film_bytes =
      pixels * static_cast<double>(plan.timeline().frame_count()) * bits_per_pixel(video) / 8;
  const auto latent = 4.0 * static_cast<double>(models.vqgan_config().embed_dim) *
                      static_cast<double>(plan.grid.height * plan.grid.width);
  constexpr double kLatentsAKeyframe = 10;  // its own and the snapshots
  cost.store_bytes =
      cost.film_bytes + latent * kLatentsAKeyframe * static_cast<double>(plan.keys.size());
  return cost;
}

}  // namespace latentreel::render
