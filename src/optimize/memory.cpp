#include "src/optimize/memory.h"

#include <fmt/format.h>

#include <optional>

#include "src/run/out_of_memory.h"

namespace latentreel::render {
namespace {

// Nothing where memory did not suffice and smaller chunks may help; then everything of the attempt
// is gone already. Alone, an optimizer's chunks too are computed one at a time.
std::optional<Iteration> attempt(KeyframeOptimizer& optimizer, const StopToken& stop) {
  try {
    return alone_if_memory_is_short(optimizer.jobs(), [&] { return optimizer.step(stop); });
  } catch (const std::exception& error) {
    if (!is_out_of_memory(error) || optimizer.chunk() == 1) throw;
    return std::nullopt;
  }
}

}  // namespace

Iteration step_within_memory(KeyframeOptimizer& optimizer, const StopToken& stop,
                             const std::function<void(int64_t chunk)>& halved) {
  while (true) {
    if (auto iteration = attempt(optimizer, stop)) return *iteration;
    optimizer.set_chunk(optimizer.chunk() / 2);
    halved(optimizer.chunk());
  }
}

Iteration step_and_tell(KeyframeOptimizer& optimizer, const std::string& name, int64_t planned,
                        Progress& progress, const StopToken& stop) {
  const auto rollbacks = optimizer.rollbacks();
  auto iteration = step_within_memory(optimizer, stop, [&](int64_t chunk) {
    progress.report(Warning{fmt::format(
        "{}: out of memory; continuing with {} cutouts at a time. The result differs in "
        "rounding from one made with {}",
        name, chunk, planned)});
  });
  say_if_memory_is_short(optimizer.jobs(), progress);
  if (optimizer.rollbacks() != rollbacks) {
    progress.report(
        Warning{fmt::format("{}: the loss of iteration {} was not a number; went back to the best "
                            "picture with half the step",
                            name, iteration.number)});
  }
  return iteration;
}

}  // namespace latentreel::render
