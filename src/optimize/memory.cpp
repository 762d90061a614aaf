#include "src/optimize/memory.h"

#include <c10/util/Exception.h>

#include <new>
#include <optional>
#include <string_view>

namespace latentreel::render {
namespace {

enum class Otherwise { fail, try_with_less };

// Nothing once memory did not suffice; then everything of the attempt is gone already.
std::optional<Iteration> attempt(KeyframeOptimizer& optimizer, const StopToken& stop,
                                 Otherwise otherwise) {
  try {
    return optimizer.step(stop);
  } catch (const std::exception& error) {
    if (!is_out_of_memory(error) || otherwise == Otherwise::fail) throw;
    return std::nullopt;
  }
}

// With chunks of the size that the optimizer has.
std::optional<Iteration> attempt_as_it_is(KeyframeOptimizer& optimizer, const StopToken& stop) {
  const auto otherwise = optimizer.chunk() > 1 ? Otherwise::try_with_less : Otherwise::fail;
  auto* jobs = optimizer.jobs();
  if (jobs == nullptr || jobs->count() == 1) return attempt(optimizer, stop, otherwise);
  if (!jobs->memory().is_short()) {
    const MemoryGate::Shared beside(jobs->memory());
    if (auto iteration = attempt(optimizer, stop, Otherwise::try_with_less)) return iteration;
    jobs->memory().set_short();
  }
  const MemoryGate::Alone alone(jobs->memory());  // from now on its chunks too are one at a time
  return attempt(optimizer, stop, otherwise);
}

}  // namespace

bool is_out_of_memory(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return true;
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr) return true;
  const auto* other = dynamic_cast<const c10::Error*>(&error);
  if (other == nullptr) return false;
  // Those that have no type of their own: the CPU's allocator, CUDA's driver, cuBLAS and cuDNN.
  const std::string_view text = other->what_without_backtrace();
  const auto says = [&](std::string_view words) { return text.find(words) != text.npos; };
  return says("DefaultCPUAllocator") || says("CUDA error: out of memory") ||
         says("CUBLAS_STATUS_ALLOC_FAILED") || says("CUDNN_STATUS_ALLOC_FAILED");
}

Iteration step_within_memory(KeyframeOptimizer& optimizer, const StopToken& stop,
                             const std::function<void(int64_t chunk)>& halved) {
  while (true) {
    // The retry begins only when the failed attempt's tensors are gone.
    if (auto iteration = attempt_as_it_is(optimizer, stop)) return *iteration;
    optimizer.set_chunk(optimizer.chunk() / 2);
    halved(optimizer.chunk());
  }
}

}  // namespace latentreel::render
