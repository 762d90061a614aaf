#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "src/optimize/chain_maker.h"
#include "src/optimize/chain_store.h"
#include "src/plan/key_tasks.h"
#include "src/plan/task_runner.h"

namespace latentreel::render {

// Parts of chains: frames that grow out of one another, each part after the one before it.
class ChainTasks : public TaskRunner {
 public:
  // `keys` must outlive it.
  ChainTasks(const TaskContext& context, KeyTasks& keys);

  bool done(const Task& task, const std::filesystem::path& film) override;
  void forget(const Task& task) noexcept override;
  void run(const Task& task, const std::filesystem::path& film) override;

  // Makes these parts, by index, with those before them that are missing, and the keyframes that
  // their chains begin with. Chains are made side by side.
  void make(const std::vector<int>& indices);

  // The latent [1, C, h, w] that frame `number` of a part shows. Reads parts as they are needed and
  // holds a few, so that memory does not grow with the film. Throws RenderError (try_again) where
  // the part is not there. Thread-safe.
  at::Tensor latent(const scenes::Chained& place);

  // What is known of a part; nothing where it is not there. Thread-safe.
  std::optional<ChainRecord> record(int index);

  const Effort& effort() const { return effort_; }

 private:
  const Task& task_of(int index) const { return context_.plan.chains[index]; }
  bool begins(int index) const { return context_.plan.script.chains().parts()[index].begins; }
  void check(const std::vector<const Task*>& tasks);
  // These parts and those before them that are needed for them, each with whether it is there.
  std::map<int, bool> with_what_is_before(const std::vector<int>& indices);
  ChainState state_before(int index);
  ChainMaker maker(const StopToken& stop);
  void make_one(ChainMaker& maker, int index, IfNotKept if_not_kept);
  void hold(int index, const ChainRecord& record);

  TaskContext context_;
  KeyTasks& keys_;
  ChainStore chains_;
  std::set<std::string> told_;                   // warnings of prompts
  std::mutex mutex_;                             // of what follows
  std::map<int, ChainRecord> unkept_;            // made here, and not in the store
  std::list<std::pair<int, ChainRecord>> held_;  // the most recently used first
  Effort effort_;
};

}  // namespace latentreel::render
