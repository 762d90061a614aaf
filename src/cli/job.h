#pragma once

#include "src/cli/common_options.h"
#include "src/plan/plan_file.h"
#include "src/plan/renderer.h"

namespace latentreel::cli {

// Reads the scene, probes its song, finds its models and the device: everything a render needs,
// checked; of a preview, the small scene. The options' range is left to the caller. Throws whatever
// these steps throw.
render::RenderJob make_job(const CommonOptions& options);

// The same for a film, which is made of the options' range alone.
render::RenderJob make_film_job(const CommonOptions& options);

// The frames that a checked text (frame_range.h) names in the scene's film, all where it is empty;
// what lies outside of the film is left off, and that said. Throws RenderError (scene) where
// nothing is left, and as parse_frame_range.
scenes::FrameRange frames_asked(const std::string& range, const render::RenderJob& job,
                                render::Progress& progress);
scenes::FrameRange frames_in_film(scenes::FrameRange range, const render::RenderJob& job,
                                  render::Progress& progress);

// The options as a plan file records them, and the reverse: paths made absolute, device and threads
// as they were resolved.
render::PlanRequest request_of(const CommonOptions& options, const render::RenderJob& job,
                               const std::filesystem::path& film);
CommonOptions options_of(const render::PlanRequest& request);

}  // namespace latentreel::cli
