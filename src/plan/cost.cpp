#include "src/plan/cost.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <tuple>
#include <vector>

#include "src/frames/frame_decoder.h"
#include "src/optimize/chain_maker.h"
#include "src/optimize/starts.h"
#include "src/plan/memory_need.h"
#include "src/plan/segment_tasks.h"
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

// What an iteration takes when every job makes one.
struct IterationTime {
  double alone = 0;   // seconds, nothing beside it
  double beside = 0;  // seconds, the other jobs at work too
};

// `beside`: how many keyframes are made at once.
IterationTime time_iteration(const Pass& pass, KeyframeMaker& maker, RenderSession& session,
                             int beside, const StopToken& stop) {
  const auto& vqgan = session.models().vqgan_config();
  // A keyframe that starts from the one before takes as long from any start.
  const Latent previous(at::zeros({1, vqgan.embed_dim, pass.grid.height, pass.grid.width}));
  auto& jobs = session.jobs();
  auto first = maker.begin(pass, previous);
  first.work_in(&jobs);
  first.step(stop);  // the first one also prepares what the others reuse
  LapTimer timer;
  first.step(stop);
  IterationTime time;
  time.alone = time.beside = timer.lap();
  if (beside == 1) return time;
  std::vector<KeyframeOptimizer> others;
  for (int i = 0; i < beside; ++i) others.push_back(maker.begin(pass, previous));
  timer.restart();
  jobs.for_each(beside, stop, [&](int64_t i, const StopToken& stop_one) {
    others[static_cast<size_t>(i)].step(stop_one);
  });
  time.beside = timer.lap();
  return time;
}

// The film's middle one, as its camera sees it.
double seconds_a_frame(RenderSession& session, const StopToken& stop) {
  const auto& plan = session.plan();
  const auto decoder = decoder_of(session.job(), session.models());
  const auto& vqgan = session.models().vqgan(frame_precision(session.job().scene));
  const auto z = vqgan.embed_codes(at::zeros({1, plan.grid.height, plan.grid.width}, at::kLong));
  const auto spec = plan.script.at((plan.frames.first + plan.frames.end) / 2);
  const std::array looks = {Look{.camera = spec.camera, .grade = spec.grade}};
  decoder.decode(z, 0, looks);
  auto& jobs = session.jobs();
  const LapTimer timer;
  jobs.for_each(jobs.count(), stop,
                [&](int64_t, const StopToken&) { decoder.decode(z, 0, looks); });
  return timer.seconds() / jobs.count();
}

// A start that shows all of its prompt has no gradient: patience ends its pass as early as it can.
int expected_iterations(const scenes::Keyframe& keyframe, ModelPack& models) {
  const auto& options = keyframe.optimize;
  const bool may_end =
      options.patience > 0 && options.contrast != 0 && options.start == scenes::StartKind::nearest;
  if (!may_end || !nearest_entry(keyframe, models).all) return options.iterations;
  return std::min(options.iterations, options.patience + 1);
}

// Of keyframes that start from one another, as one job makes them.
struct RunTime {
  double alone = 0, beside = 0;  // seconds
};

// Jobs share the chains while there are enough; the longest chain takes its time in any case.
double side_by_side(const std::vector<RunTime>& chains, int jobs) {
  double sum = 0, longest = 0;
  for (const auto& chain : chains) {
    sum += chain.beside / jobs;
    longest = std::max(longest, chain.alone);
  }
  return std::max(sum, longest);
}

// Passes that compute alike take alike.
using PassKind = std::tuple<int, size_t, int, int, int64_t>;

PassKind kind_of(const Pass& pass, const Machine& machine) {
  const auto& options = pass.keyframe.optimize;
  return {options.cutouts, options.augment.size(), static_cast<int>(options.cutter),
          static_cast<int>(machine.dtype(options.precision)), pass.grid.height};
}

std::vector<int> keyframes_to_make(RenderSession& session) {
  std::vector<int> missing;
  for (const auto* task : session.plan().tasks()) {
    if (task->id.kind != TaskId::Kind::key || session.runner().done(*task, {})) continue;
    missing.push_back(task->id.index);
  }
  return missing;
}

void add_optimizing(Cost& cost, RenderSession& session, const StopToken& stop) {
  const auto& job = session.job();
  NoProgress quiet;
  KeyframeMaker maker(job.scene, session.models(), job.machine, nullptr, quiet, stop);
  const auto missing = keyframes_to_make(session);
  if (!missing.empty()) cost.memory_note = check_memory(job, session.models());
  const auto chains = runs_of(session.plan(), missing);
  const int beside = std::min(session.jobs().count(), static_cast<int>(chains.size()));
  std::map<PassKind, IterationTime> times;
  std::vector<RunTime> sums;
  for (const auto& chain : chains) {
    auto& sum = sums.emplace_back();
    for (const int index : chain) {
      for (const auto& pass : maker.passes(index)) {
        const auto kind = kind_of(pass, job.machine);
        if (times.count(kind) == 0)
          times[kind] = time_iteration(pass, maker, session, beside, stop);
        const int iterations = expected_iterations(pass.keyframe, session.models());
        cost.iterations += iterations;
        sum.alone += times[kind].alone * iterations;
        sum.beside += times[kind].beside * iterations;
      }
    }
  }
  cost.optimizing = side_by_side(sums, beside);
}

// A frame for which the camera moves, where there is one.
std::int64_t a_moving_frame(const scenes::FrameScript& script) {
  const auto end = script.timeline().frame_count();
  for (std::int64_t frame = 1; frame + 1 < end; ++frame) {
    const auto step = script.step(frame), next = script.step(frame + 1);
    const bool moves = step.footage || !next.camera.is_neutral();
    if (step.number > 0 && next.number > 0 && moves) return frame;
  }
  return std::min<std::int64_t>(1, end - 1);
}

// Of one frame of a chain: its iterations, and what comes before and after them.
double seconds_a_chained_frame(RenderSession& session, const StopToken& stop) {
  const auto& job = session.job();
  const auto& plan = session.plan();
  NoProgress quiet;
  ChainMaker maker(job.scene, plan.script, session.models(), nullptr, quiet, stop, &session.jobs());
  const auto& vqgan = session.models().vqgan(frame_precision(job.scene));
  ChainState state;
  state.z = vqgan.embed_codes(at::zeros({1, plan.grid.height, plan.grid.width}, at::kLong)).cpu();
  const auto frame = a_moving_frame(plan.script);
  const auto step = plan.script.step(frame);
  const auto next = plan.script.step(std::min(frame + 1, plan.timeline().frame_count() - 1));
  const auto& feedback = job.scene.feedback;
  double seconds = 0;
  LapTimer timer;
  if (feedback.iterations > 0) {
    auto optimizer = maker.begin_at(step, state.z);
    optimizer.step(stop);  // the first one also prepares what the others reuse
    timer.restart();
    optimizer.step(stop);
    seconds += timer.lap() * feedback.iterations;
  }
  maker.beginning(step, state);
  state.z = state.z.clone();  // another latent, so that nothing is known of it
  timer.restart();
  maker.beginning(next, state);
  // Colours and flicker are measured in another picture; that takes about half as long again.
  return seconds + timer.lap() * 1.5;
}

// All cores work on each frame, so chains take their times one after the other.
void add_chains(Cost& cost, RenderSession& session, const StopToken& stop) {
  const auto& parts = session.plan().script.chains().parts();
  for (const auto* task : session.plan().tasks()) {
    if (task->id.kind != TaskId::Kind::chain || session.runner().done(*task, {})) continue;
    cost.chained += parts[static_cast<size_t>(task->id.index)].range.size();
  }
  if (cost.chained == 0) return;
  if (cost.memory_note.empty()) cost.memory_note = check_memory(session.job(), session.models());
  cost.chaining = seconds_a_chained_frame(session, stop) * static_cast<double>(cost.chained);
}

void add_frames(Cost& cost, RenderSession& session, const StopToken& stop) {
  const auto& plan = session.plan();
  auto& runner = session.runner();
  for (size_t i = 0; i < plan.segments.size(); ++i) {
    if (!runner.done(plan.segments[i], {})) cost.frames += plan.ranges[i].size();
  }
  for (const auto* task : plan.tasks()) {
    const bool pace = task->id.kind == TaskId::Kind::pace;
    if (pace && !runner.done(*task, {})) cost.probes += kPaceProbes;
  }
  if (cost.frames + cost.probes > 0) cost.frame = seconds_a_frame(session, stop);
}

void add_disk(Cost& cost, RenderSession& session) {
  constexpr double kLatentsAKeyframe = 10;  // its own and the snapshots
  const auto& plan = session.plan();
  const auto& vqgan = session.models().vqgan_config();
  const auto video = video_settings(session.job());
  const double pixels = static_cast<double>(ffmpeg::output_width(video)) *
                        static_cast<double>(ffmpeg::output_height(video));
  cost.film_bytes = pixels * static_cast<double>(plan.frames.size()) * bits_per_pixel(video) / 8;
  const auto latent = 4.0 * static_cast<double>(vqgan.embed_dim) *
                      static_cast<double>(plan.grid.height * plan.grid.width);
  double latents = 0;
  for (const auto* task : plan.tasks()) {
    const auto& parts = plan.script.chains().parts();
    const auto index = static_cast<size_t>(task->id.index);
    if (task->id.kind == TaskId::Kind::key) latents += kLatentsAKeyframe;
    if (task->id.kind == TaskId::Kind::chain) {
      latents += static_cast<double>(parts[index].range.size());
    }
  }
  cost.store_bytes = cost.film_bytes + latent * latents;
}

}  // namespace

Cost measure_cost(RenderSession& session, const StopToken& stop) {
  Cost cost;
  add_optimizing(cost, session, stop);
  add_chains(cost, session, stop);
  add_frames(cost, session, stop);
  add_disk(cost, session);
  return cost;
}

}  // namespace latentreel::render
