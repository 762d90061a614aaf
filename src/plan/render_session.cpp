#include "src/plan/render_session.h"

#include "scenes/prompt_weights.h"
#include "src/plan/song_signals.h"

namespace latentreel::render {
namespace {

const RenderJob& with_settled_weights(RenderJob& job, const scenes::Signals& signals) {
  scenes::settle_weights(job.scene, timeline_of(job), signals);
  return job;
}

}  // namespace

RenderSession::RenderSession(const RenderJob& job, Progress& progress, const StopToken& stop,
                             Keep keep)
    : RenderSession(job, nullptr, progress, stop, keep) {}

RenderSession::RenderSession(const RenderJob& job, std::shared_ptr<ModelPack> models,
                             Progress& progress, const StopToken& stop, Keep keep)
    : job_(job),
      stop_(stop),
      progress_(progress),
      store_(job.store, job.reuse, progress_, keep, job.store_below),
      digests_(&store_.store()),
      models_(models ? std::move(models)
                     : std::make_shared<ModelPack>(job.models, job.machine, &digests_)),
      signals_(song_signals(job, scenes::signals_used(job.scene), store_.store(), digests_,
                            progress_, stop)),
      plan_(make_plan(with_settled_weights(job_, signals_), *models_, signals_)),
      job_count_(count_jobs(job_, *models_)),
      jobs_(job_count_.jobs),
      runner_(job_, plan_, *models_, store_.store(), progress_, stop, jobs_) {
  // Of tasks it was said when their plan was made.
  if (keep == Keep::if_possible) {
    for (const auto& warning : models_->warnings()) progress.report(Warning{warning});
  }
}

scenes::Signals RenderSession::all_signals() {
  if (job_.scene.music.file.empty()) return {};
  return song_signals(job_, scenes::signals_beside(job_.scene.signals), store_.store(), digests_,
                      progress_, stop_);
}

std::vector<KeyframeRecord> RenderSession::records() {
  std::vector<KeyframeRecord> records;
  for (const auto& task : plan_.keys) {
    records.push_back(runner_.record(task.id.index).value_or(KeyframeRecord{}));
  }
  return records;
}

void RenderSession::visit_chain_losses(
    const std::function<void(std::int64_t, const ChainRecord::Losses&)>& visit) {
  const bool footage = job_.scene.source.on();
  if (job_.scene.feedback.iterations == 0 && !footage) return;
  for (const int index : needed_by(plan_.tasks(), TaskId::Kind::chain)) {
    const auto& part = plan_.script.chains().parts()[static_cast<std::size_t>(index)];
    const auto record = runner_.chain(index);
    if (!record) continue;
    for (std::size_t i = part.begins && !footage ? 1 : 0; i < record->losses.size(); ++i) {
      visit(part.range.first + static_cast<std::int64_t>(i), record->losses[i]);
    }
  }
}

}  // namespace latentreel::render
