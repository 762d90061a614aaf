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
#include "src/optimize/cutouts.h"
#include "src/optimize/prompts.h"
#include "src/optimize/starts.h"
#include "src/plan/memory_need.h"
#include "src/plan/segment_tasks.h"
#include "src/run/lap_timer.h"
#include "src/run/peak_memory.h"

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

// Rough figures of what is not measured, on the slow and large side: at the settings of our own
// encoders, by films of 3840x2160, rounded up.
struct EncoderCost {
  double seconds = 0;  // of one core, a pixel
  double bytes = 0;    // held, a pixel of a frame
};

EncoderCost encoder_cost(ffmpeg::VideoCodec codec) {
  switch (codec) {
    case ffmpeg::VideoCodec::h264:
      return {.seconds = 1.2e-7, .bytes = 250};
    case ffmpeg::VideoCodec::hevc:
      return {.seconds = 1.8e-7, .bytes = 350};
    case ffmpeg::VideoCodec::av1:
      return {.seconds = 3.5e-7, .bytes = 450};
    case ffmpeg::VideoCodec::prores:
      return {.seconds = 2e-7, .bytes = 150};
    case ffmpeg::VideoCodec::ffv1:
      break;
  }
  return {.seconds = 1e-7, .bytes = 150};
}

constexpr double kReadingAPixel = 2e-8;  // seconds, of a film that is read back
constexpr double kFilmSeconds = 1;       // to join any

double output_pixels(const RenderSession& session) {
  const auto video = video_settings(session.job());
  return static_cast<double>(ffmpeg::output_width(video)) *
         static_cast<double>(ffmpeg::output_height(video));
}

// What an iteration takes when every job makes one.
struct IterationTime {
  double alone = 0;   // seconds, nothing beside it: all jobs share its work
  double beside = 0;  // seconds, the other jobs at work too
  double single = 0;  // seconds, where there is one job
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
  time.alone = time.beside = time.single = timer.lap();
  if (jobs.count() == 1) return time;
  if (beside == 1) {
    first.work_in(nullptr);
    timer.restart();
    first.step(stop);
    time.single = timer.lap();
    return time;
  }
  std::vector<KeyframeOptimizer> others;
  for (int i = 0; i < beside; ++i) others.push_back(maker.begin(pass, previous));
  timer.restart();
  jobs.for_each(beside, stop, [&](int64_t i, const StopToken& stop_one) {
    others[static_cast<size_t>(i)].step(stop_one);
  });
  time.beside = time.single = timer.lap();
  return time;
}

// What a frame takes.
struct FrameTime {
  double next = 0;    // seconds from one to the next, as many at once as there are jobs
  double single = 0;  // seconds of one
};

// The film's middle one, as its camera sees it.
FrameTime time_frame(RenderSession& session, const StopToken& stop) {
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
  const double seconds = timer.seconds();
  return {.next = seconds / jobs.count(), .single = seconds};
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

// Those of a kind that are not done; not for the film, which is known by its file.
std::vector<const Task*> to_make(TaskId::Kind kind, RenderSession& session) {
  auto missing = session.plan().tasks();
  std::erase_if(missing, [&](const auto* task) {
    return task->id.kind != kind || session.runner().done(*task, {});
  });
  return missing;
}

std::vector<int> keyframes_to_make(RenderSession& session) {
  std::vector<int> missing;
  for (const auto* task : to_make(TaskId::Kind::key, session)) missing.push_back(task->id.index);
  return missing;
}

std::string key_name(int index) {
  return TaskId{.kind = TaskId::Kind::key, .index = index}.name();
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
        cost.tasks[key_name(index)].seconds += times[kind].single * iterations;
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
double seconds_a_chained_frame(RenderSession& session, Jobs* jobs, const StopToken& stop) {
  const auto& job = session.job();
  const auto& plan = session.plan();
  NoProgress quiet;
  ChainMaker maker(job.scene, plan.script, session.models(), nullptr, quiet, stop, jobs);
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
  const auto missing = to_make(TaskId::Kind::chain, session);
  for (const auto* task : missing) {
    cost.chained += parts[static_cast<size_t>(task->id.index)].range.size();
  }
  if (cost.chained == 0) return;
  if (cost.memory_note.empty()) cost.memory_note = check_memory(session.job(), session.models());
  auto& jobs = session.jobs();
  const double seconds = seconds_a_chained_frame(session, &jobs, stop);
  const double single =
      jobs.count() == 1 ? seconds : seconds_a_chained_frame(session, nullptr, stop);
  cost.chaining = seconds * static_cast<double>(cost.chained);
  for (const auto* task : missing) {
    const auto frames = parts[static_cast<size_t>(task->id.index)].range.size();
    cost.tasks[task->name()].seconds = single * static_cast<double>(frames);
  }
}

void add_frames(Cost& cost, RenderSession& session, const StopToken& stop) {
  const auto& plan = session.plan();
  const auto segments = to_make(TaskId::Kind::segment, session);
  const auto paces = to_make(TaskId::Kind::pace, session);
  const auto frames_of = [&](const Task* task) {
    return plan.ranges[static_cast<size_t>(task->id.index)].size();
  };
  for (const auto* task : segments) cost.frames += frames_of(task);
  cost.probes = int64_t{kPaceProbes} * static_cast<int64_t>(paces.size());
  if (cost.frames + cost.probes == 0) return;
  const auto time = time_frame(session, stop);
  const auto codec = video_settings(session.job()).codec;
  const double encoding = encoder_cost(codec).seconds * output_pixels(session);
  cost.frame = time.next;
  for (const auto* task : segments) {
    cost.tasks[task->name()].seconds =
        (time.single + encoding) * static_cast<double>(frames_of(task));
  }
  for (const auto* task : paces) cost.tasks[task->name()].seconds = time.single * kPaceProbes;
}

// Joined and read back.
void add_film(Cost& cost, RenderSession& session) {
  const auto frames = static_cast<double>(session.plan().frames.size());
  cost.tasks[session.plan().film.name()].seconds =
      kFilmSeconds + kReadingAPixel * output_pixels(session) * frames;
}

// Of a process that does one task: what this one held before, networks that it had not loaded, and
// what the work takes as far as shapes tell, but no less than what trying it has taken. On a GPU
// the work is not in this memory.
void add_bytes(Cost& cost, RenderSession& session, double before_work, double peak) {
  const auto& job = session.job();
  const double pixels = output_pixels(session);
  const double step =
      job.machine.device.is_cpu() ? bytes_of_a_step(job, session.models(), kCutoutChunk) : 0;
  const double frames =
      bytes_of_an_output(job.scene) + encoder_cost(video_settings(job).codec).bytes * pixels;
  const double work = std::max(before_work + step, peak);
  for (auto& [name, task] : cost.tasks) task.bytes = work + frames;
}

void add_disk(Cost& cost, RenderSession& session) {
  constexpr double kLatentsAKeyframe = 10;  // its own and the snapshots
  const auto& plan = session.plan();
  const auto& vqgan = session.models().vqgan_config();
  const auto video = video_settings(session.job());
  cost.film_bytes =
      output_pixels(session) * static_cast<double>(plan.frames.size()) * bits_per_pixel(video) / 8;
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

// Loads the networks that the plan still needs; nothing is loaded twice, so the first call tells.
double seconds_to_load(RenderSession& session) {
  const auto precision = frame_precision(session.job().scene);
  const auto any = [&](TaskId::Kind kind) { return !to_make(kind, session).empty(); };
  const LapTimer timer;
  const bool optimizes = any(TaskId::Kind::key) || any(TaskId::Kind::chain);
  if (optimizes) session.models().clips(precision);
  if (optimizes || any(TaskId::Kind::pace) || any(TaskId::Kind::segment)) {
    session.models().vqgan(precision);
  }
  return timer.seconds();
}

// What is wrong with a picture is told before anybody begins: what the tasks check when they do.
void check_pictures_of(RenderSession& session, const StopToken& stop) {
  const auto& job = session.job();
  NoProgress quiet;
  KeyframeMaker maker(job.scene, session.models(), job.machine, nullptr, quiet, stop);
  for (const int index : keyframes_to_make(session)) maker.check(index);
  if (to_make(TaskId::Kind::chain, session).empty()) return;
  for (const auto& keyframe : job.scene.keyframes) check_pictures(keyframe);
}

}  // namespace

Cost measure_cost(RenderSession& session, const StopToken& stop) {
  check_pictures_of(session, stop);
  Cost cost;
  const PeakMemory memory;
  const double before_work = memory_in_use() + bytes_of_networks(session.job(), session.models());
  cost.loading = seconds_to_load(session);
  add_optimizing(cost, session, stop);
  add_chains(cost, session, stop);
  add_frames(cost, session, stop);
  add_film(cost, session);
  add_disk(cost, session);
  add_bytes(cost, session, before_work, memory.bytes());
  return cost;
}

}  // namespace latentreel::render
