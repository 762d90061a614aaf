#include "src/render/renderer.h"

#include <fmt/format.h>

#include "models/files/file_in_the_making.h"
#include "src/render/debug_export.h"
#include "src/render/error.h"
#include "src/render/frame_decoder.h"
#include "src/render/frame_sink.h"
#include "src/render/frame_stream.h"
#include "src/render/lap_timer.h"
#include "src/render/plan_walker.h"
#include "src/render/usable_store.h"

namespace latentreel::render {
namespace {

// A size between two grids becomes the smaller one, and that is said.
void note_rounded_size(const scenes::VideoOptions& video, const models::VqganConfig& vqgan,
                       Progress& progress) {
  const auto grid = grid_of(video, vqgan);
  const auto width = grid.width * vqgan.factor(), height = grid.height * vqgan.factor();
  if (width == video.width && height == video.height) return;
  progress.warning(fmt::format("[video] size {}x{} becomes {}x{}: the VQGAN works in steps of {}",
                               video.width, video.height, width, height, vqgan.factor()));
}

// A job with everything opened.
struct Workshop {
  Workshop(const RenderJob& job, Progress& progress, const StopToken& stop)
      : store(job.store, job.reuse, progress),
        digests(&store.store()),
        models(job.models, job.machine, &digests),
        plan(make_plan(job, models)),
        walker(job, plan, models, store.store(), progress, stop) {
    note_rounded_size(job.scene.video, models.vqgan_config(), progress);
  }

  UsableStore store;
  FileDigests digests;
  ModelPack models;
  RenderPlan plan;
  PlanWalker walker;
};

// A folder that cannot be written is better known before hours of work than after.
void prove_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  std::string problem = error ? error.message() : "";
  try {
    if (!error) models::FileInTheMaking proof(folder / "proof");
  } catch (const models::WeightsError& failure) {
    problem = failure.what();
  }
  if (problem.empty()) return;
  throw RenderError(
      RenderError::Kind::cannot_create,
      fmt::format("making files in {}: {}. Choose another folder.", folder.string(), problem));
}

// Keyframes that the frames show, also those on the way to another.
std::set<int> keys_shown(scenes::FrameRange range, const scenes::Timeline& timeline) {
  return shown_in(range, timeline, scenes::PathKind::linear).keys;
}

}  // namespace

RenderSummary render_film(const RenderJob& job, const std::filesystem::path& file,
                          Progress& progress, const StopToken& stop) {
  const LapTimer timer;
  Workshop workshop(job, progress, stop);
  RenderSummary summary;
  summary.loading = timer.seconds();
  summary.film = workshop.walker.film(file);
  for (size_t i = 0; i < workshop.plan.keys.size(); ++i) {
    const auto index = static_cast<int>(i);
    summary.optimized.push_back(workshop.walker.reused(index) ? std::nullopt
                                                              : workshop.walker.record(index));
  }
  const auto& seconds = workshop.walker.seconds();
  summary.optimizing = seconds.optimizing;
  summary.pacing = seconds.pacing;
  summary.encoding = seconds.encoding;
  return summary;
}

int64_t render_pictures(const RenderJob& job, const std::filesystem::path& folder,
                        scenes::FrameRange range, Progress& progress, const StopToken& stop,
                        const std::optional<DebugRequest>& debug) {
  const auto debug_folder = folder / "debug";
  prove_folder(folder);
  if (debug) prove_folder(debug_folder);
  Workshop workshop(job, progress, stop);
  const auto keys = debug ? keys_shown(range, workshop.plan.timeline) : std::set<int>();
  for (const int key : keys) check_iterations(job.scene, key, debug->iterations);
  PictureSink sink(folder);
  workshop.walker.frames(range, sink);
  sink.finish();
  DebugExport debug_export(job, workshop.models, progress, stop);
  for (const int key : keys) {
    debug_export.write(key, workshop.walker.record(key).value(), debug->iterations,
                       debug_folder / fmt::format("key-{:03}", key));
  }
  return range.size();
}

}  // namespace latentreel::render
