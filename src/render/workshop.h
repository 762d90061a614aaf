#pragma once

#include <memory>
#include <vector>

#include "src/render/file_digests.h"
#include "src/render/model_pack.h"
#include "src/render/plan.h"
#include "src/render/plan_walker.h"
#include "src/render/progress.h"
#include "src/render/render_job.h"
#include "src/render/stop.h"
#include "src/render/usable_store.h"

namespace latentreel::render {

// A job with everything opened that its tasks need: store, models, plan, and who walks it.
class Workshop {
 public:
  // Throws what cannot be opened or rendered: WeightsError, RenderError, SceneError, MediaError.
  // All arguments must outlive it.
  Workshop(const RenderJob& job, Progress& progress, const StopToken& stop);
  // The same with networks that are shared with other jobs: of the job's files and machine.
  Workshop(const RenderJob& job, std::shared_ptr<ModelPack> models, Progress& progress,
           const StopToken& stop);

  const RenderJob& job() const { return job_; }
  const RenderPlan& plan() const { return plan_; }
  ModelPack& models() { return *models_; }
  PlanWalker& walker() { return walker_; }

  // What is known of each keyframe; a record without history for one that the store has no more.
  std::vector<KeyframeRecord> records();

 private:
  const RenderJob& job_;
  UsableStore store_;
  FileDigests digests_;
  std::shared_ptr<ModelPack> models_;
  RenderPlan plan_;
  PlanWalker walker_;
};

}  // namespace latentreel::render
