#pragma once

#include <memory>
#include <string>

#include "scenes/timeline.h"
#include "src/render/progress.h"
#include "src/render/renderer.h"

namespace latentreel::cli {

// How much there is to do, so that a drawing can tell how much is left.
struct Work {
  std::vector<int> iterations;  // of each keyframe
  int intervals = 0;            // whose pace is measured
  int64_t frames = 0;
};

Work work_of(const render::RenderJob& job, int64_t frames);

// The drawing that `--progress` names: auto is a bar on a terminal and plain lines elsewhere. All
// draw on standard error.
std::unique_ptr<render::Progress> make_progress(const std::string& name, const Work& work);

}  // namespace latentreel::cli
