#include "src/optimize/memory.h"

#include <c10/util/Exception.h>

#include <new>
#include <optional>
#include <string_view>

namespace latentreel::render {
namespace {

// Nothing once memory did not suffice; then everything of the attempt is gone already.
std::optional<Iteration> attempt(KeyframeOptimizer& optimizer, const StopToken& stop) {
  try {
    return optimizer.step(stop);
  } catch (const std::exception& error) {
    if (!is_out_of_memory(error) || optimizer.chunk() <= 1) throw;
    return std::nullopt;
  }
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
    if (auto iteration = attempt(optimizer, stop)) return *iteration;
    optimizer.set_chunk(optimizer.chunk() / 2);
    halved(optimizer.chunk());
  }
}

}  // namespace latentreel::render
