#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "src/optimize/keyframe_optimizer.h"
#include "src/run/progress.h"
#include "src/run/stop.h"

namespace latentreel::render {

// The next iteration of `optimizer`. Where memory does not suffice beside other jobs, the iteration
// is repeated alone while they wait, and so are all later ones. Where memory does not suffice then
// either, its cutouts are computed in chunks half as large (down to one) and the iteration is
// repeated; `halved` is called with the new size. The result then differs in rounding from one made
// with the chunks of the plan. Where even single cutouts do not fit, the exception is passed on.
Iteration step_within_memory(KeyframeOptimizer& optimizer, const StopToken& stop,
                             const std::function<void(int64_t chunk)>& halved);

// The same, and what a person is to know of it is told to `progress`: that chunks were halved from
// the `planned` size, that memory is short, that the loss was not a number. `name` is whose
// iteration it is, for that.
Iteration step_and_tell(KeyframeOptimizer& optimizer, const std::string& name, int64_t planned,
                        Progress& progress, const StopToken& stop);

}  // namespace latentreel::render
