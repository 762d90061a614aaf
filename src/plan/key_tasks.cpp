#include "src/plan/key_tasks.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "src/optimize/prompts.h"
#include "src/plan/memory_need.h"
#include "src/run/error.h"

namespace latentreel::render {

KeyTasks::KeyTasks(const TaskContext& context)
    : context_(context),
      keyframes_(context.store, context.progress),
      records_(context.plan.keys.size()),
      made_(context.plan.keys.size(), 0) {}

KeyframeMaker KeyTasks::maker(const StopToken& stop) {
  return {context_.job.scene, context_.models,   context_.job.machine,
          &keyframes_,        context_.progress, stop,
          &context_.jobs};
}

bool KeyTasks::done(const Task& task, const std::filesystem::path&) {
  return keyframes_.has(task.output);
}

void KeyTasks::forget(const Task& task) noexcept {
  keyframes_.remove(task.output);
}

void KeyTasks::run(const Task& task, const std::filesystem::path&) {
  if (!record(task.id.index)) check({task.id.index});
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
  check(all);
  for (const auto& task : context_.plan.keys) {
    const bool wanted = std::binary_search(all.begin(), all.end(), task.id.index);
    if (!wanted && keyframes_.has(task.output)) {  // nothing that is to be made needs it
      context_.progress.report(TaskChanged{task.name(), TaskState::reused});
    }
  }
  auto chains = runs_of(context_.plan, all);
  while (!chains.empty()) {
    // Of those with equal outputs one is made now; the others find them in the store afterwards.
    std::set<std::string> outputs;
    std::vector<std::vector<int>> now, later;
    for (auto& chain : chains) {
      const auto output = [&](int index) { return context_.plan.keys[index].output; };
      const bool waits = std::any_of(chain.begin(), chain.end(),
                                     [&](int index) { return outputs.count(output(index)) > 0; });
      for (const int index : chain) outputs.insert(output(index));
      (waits ? later : now).push_back(std::move(chain));
    }
    context_.jobs.for_each(static_cast<int64_t>(now.size()), context_.stop,
                           [&](int64_t i, const StopToken& stop) {
                             for (const int index : now[static_cast<size_t>(i)]) {
                               stop.check();
                               make_one(index, IfNotKept::warn, stop);
                             }
                           });
    chains = std::move(later);
  }
}

void KeyTasks::check(const std::vector<int>& indices) {
  bool any = false;
  std::set<std::string> told;  // of a clip that several keyframes name once
  for (const int index : indices) {
    context_.stop.check();
    if (record(index)) continue;
    for (const auto& warning : maker(context_.stop).check(index)) {
      if (told.insert(warning).second) context_.progress.report(Warning{warning});
    }
    any = true;
  }
  if (!any) return;
  const auto note = check_memory(context_.job, context_.models);
  if (!note.empty()) context_.progress.report(Warning{note});
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
  records_[index] = maker(stop).make(index, task.output, previous);
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
