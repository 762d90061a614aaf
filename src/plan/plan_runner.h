#pragma once

#include <filesystem>
#include <optional>

#include "ffmpeg/muxer.h"
#include "src/plan/chain_tasks.h"
#include "src/plan/film_task.h"
#include "src/plan/key_tasks.h"
#include "src/plan/pace_tasks.h"
#include "src/plan/plan.h"
#include "src/plan/segment_tasks.h"
#include "src/plan/task_runner.h"

namespace latentreel::render {

// Does the tasks of a plan in this process. What the store has is taken, everything else is made
// and kept there, so a run that ends early is continued by the next one, here or elsewhere, and
// the film's bytes are the same whoever made which part.
//
// Not thread-safe. `progress` is told by several threads at a time. Everything given must outlive
// the runner.
class PlanRunner {
 public:
  PlanRunner(const RenderJob& job, const RenderPlan& plan, ModelPack& models, Store& store,
             Progress& progress, const StopToken& stop, Jobs& jobs);
  PlanRunner(const PlanRunner&) = delete;
  PlanRunner& operator=(const PlanRunner&) = delete;

  // Makes `file` with all that it needs and the store lacks; a film that is there already and whole
  // is left as it is. The output is proved before anything costs time. Throws what the rooms throw.
  ffmpeg::FilmSummary film(const std::filesystem::path& file);

  // One task alone. Where its output is there, nothing is done. Throws RenderError (try_again)
  // where an output that it needs is not there. `file` is where the film goes.
  void task(const Task& task, const std::filesystem::path& file);

  // Whether the task's output is there, by its name alone; for the film: in the place of `file`.
  bool done(const Task& task, const std::filesystem::path& file);

  // Removes the task's output from the store, so that the next one to do the task does all of it.
  void forget(const Task& task) noexcept;

  // Gives the frames of `range` to `sink`, bit-equal to what the encoder receives. What they show
  // is made where it is missing; finishing the sink is up to the caller.
  void frames(scenes::FrameRange range, FrameSink& sink, FrameStage stage = FrameStage::finished);

  // Makes these keyframes, or parts of chains, by index, where they are missing.
  void make_keyframes(const std::vector<int>& indices) { keys_.make(indices); }
  void make_chains(const std::vector<int>& indices) { chains_.make(indices); }

  // A keyframe's record, from memory or the store; nothing where it is in neither.
  std::optional<KeyframeRecord> record(int index);
  // The same of a part of a chain.
  std::optional<ChainRecord> chain(int index) { return chains_.record(index); }

  // What this runner's work took.
  struct Efforts {
    Effort optimizing, pacing, chaining, encoding;
  };
  Efforts efforts() const;
  bool reused(int keyframe) const { return !keys_.made(keyframe); }
  bool film_reused() const { return !film_.made(); }

 private:
  TaskRunner& runner_of(const Task& task);

  TaskContext context_;
  KeyTasks keys_;
  PaceTasks paces_;
  ChainTasks chains_;
  SegmentTasks segments_;
  FilmTask film_;
};

}  // namespace latentreel::render
