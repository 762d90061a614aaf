#pragma once

#include <cstdint>
#include <optional>

#include "src/optimize/model_pack.h"
#include "src/plan/render_job.h"
#include "src/run/limits.h"

namespace latentreel::render {

// How many pieces of work are done side by side, and why not more.
struct JobCount {
  enum class Limit { asked, cores, memory, device };
  int jobs = 1;
  Limit limit = Limit::asked;
  double bytes_each = 0;  // that one needs at most beside the weights, as estimated
  std::optional<std::uint64_t> available;  // bytes, before anything is done
};

// One on a device other than the CPU. Else job.jobs where the person asked for a number, or one a
// core of this process's share (as many fewer as each has threads), as far as its share of the
// `available` bytes holds the networks and the steps.
JobCount count_jobs(const RenderJob& job, ModelPack& models,
                    std::optional<std::uint64_t> available = available_memory());

}  // namespace latentreel::render
