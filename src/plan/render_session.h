#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "src/optimize/file_digests.h"
#include "src/optimize/model_pack.h"
#include "src/plan/job_count.h"
#include "src/plan/plan.h"
#include "src/plan/plan_runner.h"
#include "src/plan/render_job.h"
#include "src/run/jobs.h"
#include "src/run/locked_progress.h"
#include "src/run/progress.h"
#include "src/run/stop.h"
#include "src/store/usable_store.h"

namespace latentreel::render {

// A job with everything opened that its tasks need: store, models, plan and runner.
class RenderSession {
 public:
  // Throws where something cannot be opened or rendered: WeightsError, RenderError, SceneError,
  // MediaError, FileError. All arguments but the job must outlive it.
  RenderSession(const RenderJob& job, Progress& progress, const StopToken& stop,
                Keep keep = Keep::if_possible);
  // The same with networks shared between jobs, made from this job's files for its machine.
  RenderSession(const RenderJob& job, std::shared_ptr<ModelPack> models, Progress& progress,
                const StopToken& stop, Keep keep = Keep::if_possible);

  // With the weights that keyframes' own pictures are made with, where weights change.
  const RenderJob& job() const { return job_; }
  const RenderPlan& plan() const { return plan_; }
  ModelPack& models() { return *models_; }
  PlanRunner& runner() { return runner_; }
  Jobs& jobs() { return jobs_; }
  const JobCount& job_count() const { return job_count_; }

  // The signals of the song that the scene's curves read.
  const scenes::Signals& signals() const { return signals_; }
  // All signals that they could read; none without a song. Measured where the store has them not.
  scenes::Signals all_signals();

  // What is known of each keyframe; a record without history for one that is no longer in the
  // store.
  std::vector<KeyframeRecord> records();

  // Calls visit(frame, losses) for every frame of the film's chains that was optimized, in order;
  // not for those that are no longer in the store.
  void visit_chain_losses(
      const std::function<void(std::int64_t, const ChainRecord::Losses&)>& visit);

 private:
  RenderJob job_;  // its changing weights settled
  const StopToken& stop_;
  LockedProgress progress_;
  UsableStore store_;
  FileDigests digests_;
  std::shared_ptr<ModelPack> models_;
  scenes::Signals signals_;
  RenderPlan plan_;
  JobCount job_count_;
  Jobs jobs_;
  PlanRunner runner_;
};

}  // namespace latentreel::render
