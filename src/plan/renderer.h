#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <vector>

#include "ffmpeg/muxer.h"
#include "src/optimize/keyframe_record.h"
#include "src/plan/render_job.h"
#include "src/plan/render_session.h"
#include "src/run/progress.h"
#include "src/run/stop.h"

// A scene becomes a film, or pictures: its plan is made and run in this process.

namespace latentreel::render {

// What was made, and what each part took.
struct RenderSummary {
  ffmpeg::FilmSummary film;
  // By keyframe: those that this run optimized; the others were in the store, or the film of some
  // frames alone does not need them.
  std::vector<std::optional<KeyframeRecord>> optimized;
  int reused = 0;  // keyframes that the film needs and that were in the store
  Effort loading, optimizing, pacing, chaining, encoding;
};

// Renders to `file`, which is replaced only by a finished film. Whether the output can be written
// is checked before anything is optimized, and the check leaves a film that is already there as it
// is. Throws RenderError, FileError, MediaError, WeightsError, SceneError or Stopped.
RenderSummary render_film(RenderSession& session, const std::filesystem::path& file);
// The same for a job whose session is not needed for anything else.
RenderSummary render_film(const RenderJob& job, const std::filesystem::path& file,
                          Progress& progress, const StopToken& stop);

// What is exported beside the frames, to see why they look as they do.
struct DebugRequest {
  std::set<int> iterations;  // besides each keyframe's first and best
};

// Writes the frames of `range` into `folder` as numbered PNGs, bit-equal to what the encoder would
// receive. Returns how many. With `debug` also a folder debug/key-003 (DebugExport) for each
// keyframe that these frames show, alone or blended with another, and where the camera moves
// debug/pictures with what it looks at in each frame, before it and all that follows; of frames
// that grow out of one another where each began (export_chains). The folder is
// created and checked to be writable before anything is optimized: RenderError (cannot_create).
int64_t render_pictures(const RenderJob& job, const std::filesystem::path& folder,
                        scenes::FrameRange range, Progress& progress, const StopToken& stop,
                        const std::optional<DebugRequest>& debug = std::nullopt);

}  // namespace latentreel::render
