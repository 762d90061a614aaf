#include "src/plan/key_tasks.h"

#include <algorithm>
#include <set>
#include <utility>

#include "src/optimize/prompts.h"
#include "src/run/error.h"

namespace latentreel::render {

KeyTasks::KeyTasks(const TaskContext& context)
    : context_(context),
      keyframes_(context.store, context.progress),
      maker_(context.job.scene, context.models, context.job.machine, &keyframes_, context.progress,
             context.stop),
      records_(context.plan.keys.size()),
      made_(context.plan.keys.size(), 0) {
  for (const auto& task : context.plan.keys) making_[task.output];
}

bool KeyTasks::done(const Task& task, const std::filesystem::path&) {
  return keyframes_.has(task.output);
}

void KeyTasks::forget(const Task& task) noexcept {
  keyframes_.remove(task.output);
}

void KeyTasks::run(const Task& task, const std::filesystem::path&) {
  if (!record(task.id.index)) maker_.check(task.id.index);
  make_one(task.id.index, IfNotKept::fail, context_.stop);
}

std::optional<KeyframeRecord> KeyTasks::record(int index) {
  if (!records_[index]) records_[index] = keyframes_.find(context_.plan.keys[index].output);
  return records_[index];
}

Latent KeyTasks::latent(int index) {
  const auto found = record(index);
  if (!found) throw_not_there(context_.plan.keys[index]);
  return found->latent;
}

std::vector<Latent> KeyTasks::latents(const std::vector<int>& indices) {
  std::vector<Latent> latents(context_.plan.keys.size());
  for (const int index : indices) latents[index] = latent(index);
  return latents;
}

void KeyTasks::make(const std::vector<int>& indices) {
  const EffortMeter meter(effort_);
  const auto all = with_starts(indices);
  for (const int index : all) {
    context_.stop.check();
    if (!record(index)) maker_.check(index);
  }
  for (const auto& task : context_.plan.keys) {
    const bool wanted = std::binary_search(all.begin(), all.end(), task.id.index);
    if (!wanted && keyframes_.has(task.output)) {  // nothing that is to be made needs it
      context_.progress.report(TaskChanged{task.name(), TaskState::reused});
    }
  }
  const auto make_chain = [&](const std::vector<int>& chain, const StopToken& stop) {
    for (const int index : chain) {
      stop.check();
      make_one(index, IfNotKept::warn, stop);
    }
  };
  const auto chains = split_by_output(chains_of(all));
  context_.jobs.for_each(static_cast<int64_t>(chains.first.size()), context_.stop,
                         [&](int64_t i, const StopToken& stop) {
                           make_chain(chains.first[static_cast<size_t>(i)], stop);
                         });
  for (const auto& chain : chains.second) make_chain(chain, context_.stop);
}

// The chains with an output that none before them has, and the others, which are found in the store
// once those are made.
std::pair<KeyTasks::Chains, KeyTasks::Chains> KeyTasks::split_by_output(Chains chains) const {
  std::set<std::string> outputs;
  std::pair<Chains, Chains> result;
  for (auto& chain : chains) {
    bool is_new = false;
    for (const int index : chain) {
      is_new = outputs.insert(context_.plan.keys[index].output).second || is_new;
    }
    (is_new ? result.first : result.second).push_back(std::move(chain));
  }
  return result;
}

// The keyframes in runs, each of which starts from the one before it.
KeyTasks::Chains KeyTasks::chains_of(const std::vector<int>& indices) const {
  Chains chains;
  for (const int index : indices) {
    const bool follows = !context_.plan.keys[index].needs.empty() && !chains.empty() &&
                         chains.back().back() == index - 1;
    if (!follows) chains.emplace_back();
    chains.back().push_back(index);
  }
  return chains;
}

std::vector<int> KeyTasks::with_starts(const std::vector<int>& indices) {
  std::set<int> all;
  for (int index : indices) {
    while (all.insert(index).second && !context_.plan.keys[index].needs.empty() && !record(index)) {
      --index;
    }
  }
  return {all.begin(), all.end()};
}

void KeyTasks::make_one(int index, IfNotKept if_not_kept, const StopToken& stop) {
  const auto& task = context_.plan.keys[index];
  const std::lock_guard lock(making_.at(task.output));
  auto& progress = context_.progress;
  if (record(index)) {
    progress.report(TaskChanged{task.name(), TaskState::reused});
    return;
  }
  progress.report(TaskChanged{task.name(), TaskState::started});
  const auto& keyframe = context_.job.scene.keyframes[index];
  for (const auto& sentence : unknown_words(keyframe, context_.models.clip_identities())) {
    progress.report(Warning{sentence});
  }
  const auto previous = task.needs.empty() ? std::nullopt : std::optional(latent(index - 1));
  KeyframeMaker maker(context_.job.scene, context_.models, context_.job.machine, &keyframes_,
                      progress, stop, &context_.jobs);
  records_[index] = maker.make(index, task.output, previous);
  made_[index] = 1;
  try {
    keyframes_.keep(task.output, *records_[index]);
  } catch (const RenderError& error) {
    if (if_not_kept == IfNotKept::fail) throw;
    progress.report(Warning{error.what()});
  }
  progress.report(TaskChanged{task.name(), TaskState::finished});
}

}  // namespace latentreel::render
