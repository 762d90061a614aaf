#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "scenes/film_graphs.h"
#include "scenes/scene.h"
#include "scenes/timeline.h"
#include "src/optimize/keyframe_record.h"
#include "src/optimize/model_pack.h"
#include "src/plan/chain_frames.h"
#include "src/run/jobs.h"
#include "src/run/progress.h"
#include "src/run/stop.h"

// One HTML page that explains a finished render: what each keyframe came from, how its loss fell,
// what CLIP sees in the film, how evenly the film moves, what took the time, and what to try next.
// It holds everything it shows, so it can be sent as one file and opened without a network.

namespace latentreel::report {

// A part of the work.
struct StageTime {
  std::string name;  // for people: "optimizing"
  double seconds = 0;
  double peak_bytes = 0;  // of memory; 0: not known
};

// What the optimization of a frame that grew out of the one before it came to.
struct FrameLoss {
  std::int64_t frame = 0;
  double first = 0, last = 0;  // loss before the first and the last iteration
  // With footage: mean change along the clip's motion, of the film and of the clip, in [0, 1].
  double flicker = 0, clip_flicker = 0;
};

struct ReportInput {
  const scenes::Scene& scene;
  const scenes::Timeline& timeline;
  render::ModelPack& models;
  render::Jobs& jobs;  // that look at frames and decode keyframes, side by side
  // One for each of the scene's; empty for those of which nothing is known or made.
  std::vector<render::KeyframeRecord> keyframes;
  std::filesystem::path film;
  std::vector<scenes::FilmGraph> graphs = {};         // what drives the film; may be empty
  std::vector<FrameLoss> losses = {};                 // of frames of chains, in order; may be empty
  std::vector<render::ChainFrame> chain_frames = {};  // a few, in order; may be empty
  std::vector<StageTime> stages;                      // may be empty
  std::vector<std::string> warnings;                  // given during the render
};

// Reads the film, looks at at most 256 of its frames with CLIP, and writes `folder`/index.html,
// which appears complete or not at all. The folder is made where it is not there. The same input
// gives the same bytes, however many jobs there are. Returns the page's path.
//
// Reports a task "report" to `progress`. Throws RenderError (cannot_create) for the folder,
// MediaError for the film, FileError for the page, std::invalid_argument unless there is a record
// for each keyframe, and Stopped, after which no page is written.
std::filesystem::path write_report(const ReportInput& input, const std::filesystem::path& folder,
                                   render::Progress& progress, const render::StopToken& stop);

}  // namespace latentreel::report
