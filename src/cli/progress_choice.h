#pragma once

#include <memory>
#include <string>

#include "src/cli/estimate.h"
#include "src/plan/renderer.h"
#include "src/run/progress.h"

namespace latentreel::cli {

// What there is to do for these frames of the scene.
Work work_of(const render::RenderJob& job, scenes::FrameRange frames);

// Whether `--progress` NAME is a bar: auto is one on a terminal.
bool draws_bar(const std::string& name);

// The drawing that `--progress` names: auto is a bar on a terminal and plain lines elsewhere. All
// draw on standard error.
std::unique_ptr<render::Progress> make_progress(const std::string& name, const Work& work);

}  // namespace latentreel::cli
