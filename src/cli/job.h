#pragma once

#include "src/cli/common_options.h"
#include "src/plan/plan_file.h"
#include "src/plan/renderer.h"

namespace latentreel::cli {

// Reads the scene, probes its song, finds its models and the device: everything a render needs,
// checked. Throws whatever these steps throw.
render::RenderJob make_job(const CommonOptions& options);

// The options as a plan file records them, and the reverse: paths made absolute, device and threads
// as they were resolved.
render::PlanRequest request_of(const CommonOptions& options, const render::RenderJob& job,
                               const std::filesystem::path& film);
CommonOptions options_of(const render::PlanRequest& request);

}  // namespace latentreel::cli
