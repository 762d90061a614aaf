#pragma once

#include "scenes/scene.h"
#include "src/optimize/model_pack.h"

namespace latentreel::render {

// Throws SceneError (invalid) with every text of the scene that is longer than a CLIP's context, in
// the order of the file: CLIP would read its beginning alone.
void check_prompt_lengths(const scenes::Scene& scene, ModelPack& models);

}  // namespace latentreel::render
