#include "src/plan/render_session.h"

#include <fmt/format.h>

namespace latentreel::render {
namespace {

// A size between two grids becomes the smaller one, and that is said.
void note_rounded_size(const scenes::VideoOptions& video, const models::VqganConfig& vqgan,
                       Progress& progress) {
  const auto grid = grid_of(video, vqgan);
  const auto width = grid.width * vqgan.factor(), height = grid.height * vqgan.factor();
  if (width == video.width && height == video.height) return;
  progress.report(
      Warning{fmt::format("[video] size {}x{} becomes {}x{}: the VQGAN works in steps of {}",
                          video.width, video.height, width, height, vqgan.factor())});
}

}  // namespace

RenderSession::RenderSession(const RenderJob& job, Progress& progress, const StopToken& stop,
                             Keep keep)
    : RenderSession(job, nullptr, progress, stop, keep) {}

RenderSession::RenderSession(const RenderJob& job, std::shared_ptr<ModelPack> models,
                             Progress& progress, const StopToken& stop, Keep keep)
    : job_(job),
      progress_(progress),
      store_(job.store, job.reuse, progress_, keep),
      digests_(&store_.store()),
      models_(models ? std::move(models)
                     : std::make_shared<ModelPack>(job.models, job.machine, &digests_)),
      plan_(make_plan(job, *models_)),
      job_count_(count_jobs(job, *models_)),
      jobs_(job_count_.jobs),
      runner_(job, plan_, *models_, store_.store(), progress_, stop, jobs_) {
  // Of tasks it was said when their plan was made.
  if (keep == Keep::if_possible) {
    note_rounded_size(job.scene.video, models_->vqgan_config(), progress);
    for (const auto& warning : models_->warnings()) progress.report(Warning{warning});
  }
}

std::vector<KeyframeRecord> RenderSession::records() {
  std::vector<KeyframeRecord> records;
  for (const auto& task : plan_.keys) {
    records.push_back(runner_.record(task.id.index).value_or(KeyframeRecord{}));
  }
  return records;
}

}  // namespace latentreel::render
