#include "src/render/renderer.h"

#include <fmt/format.h>

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
                        scenes::FrameRange range, Progress& progress, const StopToken& stop) {
  Workshop workshop(job, progress, stop);
  PictureSink sink(folder);
  workshop.walker.frames(range, sink);
  sink.finish();
  return range.size();
}

}  // namespace latentreel::render
