#pragma once

#include <optional>
#include <vector>

#include "src/frames/latent_path.h"
#include "src/plan/key_tasks.h"
#include "src/plan/task_runner.h"

namespace latentreel::render {

// Paces: the visible change along each interval, measured for even pacing.
class PaceTasks : public TaskRunner {
 public:
  // `keys` must outlive it.
  PaceTasks(const TaskContext& context, KeyTasks& keys);

  bool done(const Task& task, const std::filesystem::path& film) override;
  void forget(const Task& task) noexcept override;
  void run(const Task& task, const std::filesystem::path& film) override;

  // Of these intervals; the others stay empty. Throws RenderError (try_again) where one is not
  // there.
  std::vector<Pace> paces(const std::vector<int>& indices);

  // Makes these side by side, of keyframes that are there.
  void make(const std::vector<int>& indices);

  const Effort& effort() const { return effort_; }

 private:
  std::optional<Pace> find(int index);
  void make_one(int index, IfNotKept if_not_kept, const StopToken& stop);

  TaskContext context_;
  KeyTasks& keys_;
  std::vector<std::optional<Pace>> found_;
  Effort effort_;
};

}  // namespace latentreel::render
