#pragma once

#include "src/cli/common_options.h"
#include "src/render/renderer.h"

namespace latentreel::cli {

// Reads the scene, probes its song, finds its models and the device: everything a render needs,
// checked. Throws what the rooms throw.
render::RenderJob make_job(const CommonOptions& options);

}  // namespace latentreel::cli
