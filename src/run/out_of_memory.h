#pragma once

#include <exception>

#include "src/run/jobs.h"
#include "src/run/progress.h"

namespace latentreel::render {

// Whether an exception says that there was no memory: LibTorch's own, on any device, that of its
// libraries, C++'s, or that the system gives no further thread.
bool is_out_of_memory(const std::exception& error);

// What `work()` returns, which needs much memory and may be repeated. Where memory does not suffice
// for it beside the other jobs, it is done again while they wait, and so is everything later.
// Throws what it throws when it is alone. jobs: null where there are no others.
template <class Work>
auto alone_if_memory_is_short(Jobs* jobs, const Work& work) {
  if (jobs == nullptr || jobs->count() == 1) return work();
  if (!jobs->memory().is_short()) {
    const MemoryGate::Shared beside(jobs->memory());
    try {
      return work();
    } catch (const std::exception& error) {
      if (!is_out_of_memory(error)) throw;
    }
    jobs->memory().set_short();
  }
  // Only now, as what the failed attempt held is gone.
  const MemoryGate::Alone alone(jobs->memory());
  return work();
}

// Tells the person, once, that memory did not suffice for the jobs side by side.
void say_if_memory_is_short(Jobs* jobs, Progress& progress);

}  // namespace latentreel::render
