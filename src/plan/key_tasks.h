#pragma once

#include <optional>
#include <vector>

#include "src/optimize/keyframe_record.h"
#include "src/optimize/keyframe_store.h"
#include "src/optimize/keyframes.h"
#include "src/plan/task_runner.h"

namespace latentreel::render {

// Keyframes: each optimized, after the one before where it starts from it.
class KeyTasks : public TaskRunner {
 public:
  explicit KeyTasks(const TaskContext& context);

  bool done(const Task& task, const std::filesystem::path& film) override;
  void forget(const Task& task) noexcept override;
  void run(const Task& task, const std::filesystem::path& film) override;

  // A keyframe's record, from memory or the store; nothing where it is in neither.
  std::optional<KeyframeRecord> record(int index);
  // Its latent. Throws RenderError (try_again) where it is not there.
  Latent latent(int index);
  // Of these keyframes, by index; the others stay empty.
  std::vector<Latent> latents(const std::vector<int>& indices);

  // Makes these keyframes, with those that missing ones start from; those that do not depend on one
  // another side by side. All are checked before the first costs time.
  void make(const std::vector<int>& indices);

  bool made(int index) const { return made_[index] != 0; }  // by this runner
  const Effort& effort() const { return effort_; }

 private:
  // What is certain to fail is known before anything is made.
  void check(const std::vector<int>& indices);
  std::vector<int> with_starts(const std::vector<int>& indices);
  KeyframeMaker maker(const StopToken& stop);
  void make_one(int index, IfNotKept if_not_kept, const StopToken& stop);

  TaskContext context_;
  KeyframeStore keyframes_;
  // By keyframe; each is written by the one thread that makes it.
  std::vector<std::optional<KeyframeRecord>> records_;
  std::vector<char> made_;
  Effort effort_;
};

}  // namespace latentreel::render
