#pragma once

#include "models/clip/clip.h"
#include "src/optimize/keyframe_optimizer.h"

namespace latentreel::benchmarks {

// An optimization of a picture of side x side pixels with these options, from codes that a formula
// gives, guided by one prompt of some direction.
render::KeyframeOptimizer steps_of(const scenes::OptimizeOptions& options,
                                   const models::Vqgan& vqgan, const models::Clip& clip,
                                   int64_t side);

// The same without an end, by the notebook recipe with its 32 cutouts.
render::KeyframeOptimizer notebook_steps(const models::Vqgan& vqgan, const models::Clip& clip,
                                         int64_t side);

}  // namespace latentreel::benchmarks
