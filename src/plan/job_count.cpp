#include "src/plan/job_count.h"

#include <algorithm>

#include "src/optimize/cutouts.h"
#include "src/plan/memory_need.h"

namespace latentreel::render {
namespace {

// The rest is for the encoder, for other programs, and for what the estimate misses.
constexpr double kShareOfMemory = 0.7;

}  // namespace

JobCount count_jobs(const RenderJob& job, ModelPack& models,
                    std::optional<std::uint64_t> available) {
  const double step = bytes_of_a_step(job, models, kCutoutChunk);
  JobCount count{.bytes_each = std::max(step, bytes_of_an_output(job.scene)),
                 .available = available};
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
