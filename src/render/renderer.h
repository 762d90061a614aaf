#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "ffmpeg/muxer.h"
#include "src/render/keyframe_record.h"
#include "src/render/progress.h"
#include "src/render/render_job.h"
#include "src/render/stop.h"
#include "src/render/workshop.h"

// A scene becomes a film, or pictures: its plan is made and walked in this process.

namespace latentreel::render {

// What was made, and how long each part took (seconds).
struct RenderSummary {
  ffmpeg::FilmSummary film;
  // By keyframe: those that this run optimized; the others were in the store.
  std::vector<std::optional<KeyframeRecord>> optimized;
  double loading = 0, optimizing = 0, pacing = 0, encoding = 0;
};

// Renders to `file`, which is replaced only by a finished film. The output is proved before
// anything is optimized, so a film that cannot be written is known at once; a film that is there
// already is left as it is. Throws RenderError, MediaError, WeightsError, SceneError or Stopped.
RenderSummary render_film(Workshop& workshop, const std::filesystem::path& file);
// The same for a job that nothing else is asked of.
RenderSummary render_film(const RenderJob& job, const std::filesystem::path& file,
                          Progress& progress, const StopToken& stop);

// Writes the frames of `range` into `folder` as numbered PNGs, bit-equal to what the encoder would
// receive. Returns how many.
int64_t render_pictures(const RenderJob& job, const std::filesystem::path& folder,
                        scenes::FrameRange range, Progress& progress, const StopToken& stop);

}  // namespace latentreel::render
