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
#include "src/run/error.h"

namespace latentreel::render {

// Parts of chains: frames that grow out of one another, each part after the one before it.
class ChainTasks : public TaskRunner {
 public:
  // Of frames that the store does not take so many bytes are held in memory at most.
  static constexpr std::int64_t kMostUnkept = std::int64_t{256} << 20;

  // `keys` must outlive it.
  ChainTasks(const TaskContext& context, KeyTasks& keys, std::int64_t most_unkept = kMostUnkept);

  bool done(const Task& task, const std::filesystem::path& film) override;
  void forget(const Task& task) noexcept override;
  void run(const Task& task, const std::filesystem::path& film) override;

  // Makes these parts, by index, with those before them that are missing, and the keyframes that
  // their chains begin with. Chains are made side by side. Throws RenderError (write_failed) where
  // the store takes nothing and memory holds enough.
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
  void hold_unkept(int index, const ChainRecord& made, const RenderError& error);
  void hold(int index, const ChainRecord& record);

  TaskContext context_;
  KeyTasks& keys_;
  ChainStore chains_;
  std::int64_t most_unkept_;           // bytes
  std::set<std::string> told_;         // warnings of prompts
  std::mutex mutex_;                   // of what follows
  std::map<int, ChainRecord> unkept_;  // made here, and not in the store
  std::int64_t unkept_bytes_ = 0;
  std::list<std::pair<int, ChainRecord>> held_;  // the most recently used first
  Effort effort_;
};

}  // namespace latentreel::render
