#pragma once

#include <filesystem>

#include "src/optimize/model_pack.h"
#include "src/plan/plan.h"
#include "src/plan/render_job.h"
#include "src/run/jobs.h"
#include "src/run/lap_timer.h"
#include "src/run/peak_memory.h"
#include "src/run/progress.h"
#include "src/run/stop.h"
#include "src/store/store.h"

namespace latentreel::render {

// What tasks of every kind work with. All of it must outlive the runners.
struct TaskContext {
  const RenderJob& job;
  const RenderPlan& plan;
  ModelPack& models;
  Store& store;
  Progress& progress;
  const StopToken& stop;
  Jobs& jobs;
};

// Does the tasks of one kind: key_tasks.h, pace_tasks.h, segment_tasks.h, film_task.h.
class TaskRunner {
 public:
  virtual ~TaskRunner() = default;

  // Whether the task's output is there, by its name alone; for the film: in the place of `film`.
  virtual bool done(const Task& task, const std::filesystem::path& film) = 0;

  // Removes the task's output from the store, so that the next one to do the task does all of it.
  virtual void forget(const Task& task) noexcept = 0;

  // Does this task alone; where its output is there, nothing. Throws RenderError (try_again) where
  // an output that it needs is not there, and where its own cannot be kept.
  virtual void run(const Task& task, const std::filesystem::path& film) = 0;
};

// What to do when an output cannot be kept in the store. A whole run has it in memory and goes on
// with a warning; a task alone is done for others, and fails.
enum class IfNotKept { warn, fail };

// What a part of the work took: wall time, and the most memory of the process meanwhile (bytes).
struct Effort {
  double seconds = 0;
  double peak_bytes = 0;
};

// Adds to an effort what is done while it lives.
class EffortMeter {
 public:
  explicit EffortMeter(Effort& effort);
  ~EffortMeter();
  EffortMeter(const EffortMeter&) = delete;
  EffortMeter& operator=(const EffortMeter&) = delete;

 private:
  Effort& effort_;
  LapTimer timer_;
  PeakMemory memory_;
};

// Keeps `text` in the store under this kind and name of entry.
void keep_text(Store& store, Progress& progress, const char* kind, const std::string& name,
               const std::string& text, IfNotKept if_not_kept);

// What a small entry of the store holds.
std::string text_in(const std::filesystem::path& file);

// Throws that the task's output, which another needs, is not there (try_again).
[[noreturn]] void throw_not_there(const Task& task);

}  // namespace latentreel::render
