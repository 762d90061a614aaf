#include "src/plan/job_count.h"

#include <algorithm>

#include "src/frames/grid.h"
#include "src/optimize/cutouts.h"
#include "src/optimize/step_memory.h"

namespace latentreel::render {
namespace {

// The rest is for the encoder, for other programs, and for what the estimate misses.
constexpr double kShareOfMemory = 0.7;

double bytes_of_a_step(const RenderJob& job, ModelPack& models) {
  const auto& vqgan = models.vqgan_config();
  const auto grid = grid_of(job.scene.video, vqgan);
  double most = 0;
  for (const auto& keyframe : job.scene.keyframes) {
    const auto& options = keyframe.optimize;
    const auto dtype = job.machine.dtype(options.precision);
    const auto cutouts = std::min<int64_t>(options.cutouts, kCutoutChunk);
    double largest = 0;  // CLIPs are asked one after the other
    for (const auto& clip : models.clip_identities()) {
      largest = std::max(largest, clip_step_bytes(clip.config, cutouts, dtype));
    }
    most = std::max(most, decoder_step_bytes(vqgan, grid, dtype) + largest);
  }
  return most;
}

// Of the first keyframe's precision; few scenes use two.
double bytes_of_networks(const RenderJob& job, ModelPack& models) {
  return models.bytes_to_load(job.scene.keyframes.front().optimize.precision);
}

}  // namespace

JobCount count_jobs(const RenderJob& job, ModelPack& models,
                    std::optional<std::uint64_t> available) {
  JobCount count{.bytes_each = bytes_of_a_step(job, models), .available = available};
  if (!job.machine.device.is_cpu()) {
    count.limit = JobCount::Limit::device;
    return count;
  }
  if (job.jobs > 0) {
    count.jobs = job.jobs;
    return count;
  }
  count.jobs = std::max(1, usable_cores() / (job.machine.threads * job.sharers));
  count.limit = JobCount::Limit::cores;
  if (!count.available) return count;
  const double share = static_cast<double>(*count.available) / job.sharers;
  const double room = kShareOfMemory * (share - bytes_of_networks(job, models));
  const double fitting = std::clamp(room / count.bytes_each, 1.0, 1e6);
  if (fitting < count.jobs) {
    count.jobs = static_cast<int>(fitting);
    count.limit = JobCount::Limit::memory;
  }
  return count;
}

}  // namespace latentreel::render
