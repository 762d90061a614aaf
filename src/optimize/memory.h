#pragma once

#include <cstdint>
#include <exception>
#include <functional>

#include "src/optimize/keyframe_optimizer.h"
#include "src/run/stop.h"

namespace latentreel::render {

// The next iteration of `optimizer`. Where memory does not suffice, its cutouts are computed in
// chunks half as large (down to one) and the iteration is made again; `halved` is told the new
// size. The result then differs in rounding from one made with the chunks of the plan. Throws what
// was thrown where even single cutouts do not fit.
Iteration step_within_memory(KeyframeOptimizer& optimizer, const StopToken& stop,
                             const std::function<void(int64_t chunk)>& halved);

// Whether an exception says that there was no memory: LibTorch's own, on any device, or C++'s.
bool is_out_of_memory(const std::exception& error);

}  // namespace latentreel::render
