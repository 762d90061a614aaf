#include "src/plan/plan_runner.h"

#include <algorithm>
#include <vector>

#include "ffmpeg/film_proof.h"

namespace latentreel::render {

namespace fs = std::filesystem;

PlanRunner::PlanRunner(const RenderJob& job, const RenderPlan& plan, ModelPack& models,
                       Store& store, Progress& progress, const StopToken& stop, Jobs& jobs)
    : context_{.job = job,
               .plan = plan,
               .models = models,
               .store = store,
               .progress = progress,
               .stop = stop,
               .jobs = jobs},
      keys_(context_),
      paces_(context_, keys_),
      chains_(context_, keys_),
      segments_(context_, keys_, paces_, chains_),
      film_(context_, segments_) {}

ffmpeg::FilmSummary PlanRunner::film(const fs::path& file) {
  auto& progress = context_.progress;
  if (const auto summary = film_.find(file)) {
    for (const auto* task : context_.plan.tasks()) {
      progress.report(TaskChanged{task->name(), TaskState::reused});
    }
    return *summary;
  }
  const auto settings = film_settings(context_.job);
  if (settings.song) ffmpeg::prove_song(*settings.song, settings.codec);
  prove_film(settings, file);
  std::vector<int> missing;
  std::vector<const Task*> to_make, there;
  for (const auto& task : context_.plan.segments) {
    if (segments_.find(task.id.index)) {
      there.push_back(&task);
    } else {
      to_make.push_back(&task);
      missing.push_back(task.id.index);
    }
  }
  segments_.make_needs(to_make);
  for (const auto* task : there) progress.report(TaskChanged{task->name(), TaskState::reused});
  segments_.make(missing);
  const auto summary = film_.make(file);
  context_.store.shrink(context_.job.store_limit);
  return summary;
}

TaskRunner& PlanRunner::runner_of(const Task& task) {
  switch (task.id.kind) {
    case TaskId::Kind::key:
      return keys_;
    case TaskId::Kind::pace:
      return paces_;
    case TaskId::Kind::chain:
      return chains_;
    case TaskId::Kind::segment:
      return segments_;
    case TaskId::Kind::film:
      break;
  }
  return film_;
}

void PlanRunner::task(const Task& task, const fs::path& file) {
  runner_of(task).run(task, file);
}

bool PlanRunner::done(const Task& task, const fs::path& file) {
  return runner_of(task).done(task, file);
}

void PlanRunner::forget(const Task& task) noexcept {
  runner_of(task).forget(task);
}

void PlanRunner::frames(scenes::FrameRange range, FrameSink& sink, FrameStage stage) {
  segments_.frames(range, sink, stage);
}

std::optional<KeyframeRecord> PlanRunner::record(int index) {
  return keys_.record(index);
}

PlanRunner::Efforts PlanRunner::efforts() const {
  const auto &making = segments_.effort(), &joining = film_.effort();
  return {.optimizing = keys_.effort(),
          .pacing = paces_.effort(),
          .chaining = chains_.effort(),
          .encoding = {.seconds = making.seconds + joining.seconds,
                       .peak_bytes = std::max(making.peak_bytes, joining.peak_bytes)}};
}

}  // namespace latentreel::render
