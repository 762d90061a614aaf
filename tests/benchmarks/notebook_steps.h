#pragma once

#include "models/clip/clip.h"
#include "src/render/keyframe_optimizer.h"

namespace latentreel::benchmarks {

// An endless optimization of a picture of side x side pixels by the notebook recipe with its 32
// cutouts, from codes that a formula gives, guided by one prompt of some direction.
render::KeyframeOptimizer notebook_steps(const models::Vqgan& vqgan, const models::Clip& clip,
                                         int64_t side);

}  // namespace latentreel::benchmarks
