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

}  // namespace

JobCount count_jobs(const RenderJob& job, ModelPack& models,
                    std::optional<std::uint64_t> available) {
  JobCount count{.bytes_each = bytes_of_a_step(job, models), .available = available};
  if (job.jobs > 0) {
    count.jobs = job.jobs;
    return count;
  }
  if (!job.machine.device.is_cpu()) {
    count.limit = JobCount::Limit::device;
    return count;
  }
  count.jobs = std::max(1, usable_cores() / job.machine.threads);
  count.limit = JobCount::Limit::cores;
  if (count.available) {
    const double room = kShareOfMemory * static_cast<double>(*count.available);
    const int fitting = std::max(1, static_cast<int>(std::min(1e6, room / count.bytes_each)));
    if (fitting < count.jobs) {
      count.jobs = fitting;
      count.limit = JobCount::Limit::memory;
    }
  }
  return count;
}

}  // namespace latentreel::render
