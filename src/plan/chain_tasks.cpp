#include "src/plan/chain_tasks.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "src/files/sizes.h"
#include "src/optimize/prompts.h"
#include "src/plan/memory_need.h"
#include "src/run/error.h"

namespace latentreel::render {
namespace {

constexpr std::size_t kHeldParts = 3;

// Of what is in memory because it could not be kept.
std::int64_t bytes_of_frames(const ChainRecord& record) {
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < record.latents.size(); ++i) {
    const auto& shown = record.latents[i];
    const auto& own = record.states[i].z;
    bytes += static_cast<std::int64_t>(shown.nbytes());
    if (!own.is_same(shown)) bytes += static_cast<std::int64_t>(own.nbytes());
  }
  return bytes;
}

}  // namespace

ChainTasks::ChainTasks(const TaskContext& context, KeyTasks& keys, std::int64_t most_unkept)
    : context_(context),
      keys_(keys),
      chains_(context.store, context.progress),
      most_unkept_(most_unkept) {}

bool ChainTasks::done(const Task& task, const std::filesystem::path&) {
  return chains_.has(task.output);
}

void ChainTasks::forget(const Task& task) noexcept {
  chains_.remove(task.output);
}

void ChainTasks::run(const Task& task, const std::filesystem::path&) {
  if (!record(task.id.index)) check({&task});
  auto one = maker(context_.stop);
  make_one(one, task.id.index, IfNotKept::fail);
}

void ChainTasks::make(const std::vector<int>& indices) {
  if (indices.empty()) return;
  const EffortMeter meter(effort_);
  const auto all = with_what_is_before(indices);
  for (const auto& task : context_.plan.chains) {
    if (all.count(task.id.index) == 0 && chains_.has(task.output)) {  // what is made needs it not
      context_.progress.report(TaskChanged{task.name(), TaskState::reused});
    }
  }
  std::vector<const Task*> missing;
  std::vector<std::vector<int>> chains;  // parts, each after the one before it
  for (const auto& [index, there] : all) {
    if (there) {
      context_.progress.report(TaskChanged{task_of(index).name(), TaskState::reused});
      continue;
    }
    missing.push_back(&task_of(index));
    const bool goes_on = !begins(index) && !chains.empty() && chains.back().back() == index - 1;
    if (!goes_on) chains.emplace_back();
    chains.back().push_back(index);
  }
  if (missing.empty()) return;
  check(missing);
  keys_.make(needed_by(missing, TaskId::Kind::key));
  context_.jobs.for_each(static_cast<int64_t>(chains.size()), context_.stop,
                         [&](int64_t i, const StopToken& stop) {
                           auto one = maker(stop);
                           for (const int index : chains[static_cast<size_t>(i)]) {
                             make_one(one, index, IfNotKept::warn);
                           }
                         });
}

// What is certain to fail is known before these parts are made. Of keyframes that have a picture of
// their own KeyTasks tells.
void ChainTasks::check(const std::vector<const Task*>& tasks) {
  const auto note = check_memory(context_.job, context_.models);
  if (!note.empty()) context_.progress.report(Warning{note});
  const auto own = needed_by(tasks, TaskId::Kind::key);
  const auto& keyframes = context_.job.scene.keyframes;
  const auto tell_once = [&](const std::vector<std::string>& texts) {
    for (const auto& text : texts) {
      if (told_.insert(text).second) context_.progress.report(Warning{text});
    }
  };
  for (std::size_t i = 0; i < keyframes.size(); ++i) {
    const auto of_pictures = check_pictures(keyframes[i]);
    if (std::binary_search(own.begin(), own.end(), static_cast<int>(i))) continue;
    tell_once(of_pictures);
    tell_once(unknown_words(keyframes[i], context_.models.clip_identities()));
  }
}

// Back to a part that is there, or to where the chain begins. Each is read once, as it is large.
std::map<int, bool> ChainTasks::with_what_is_before(const std::vector<int>& indices) {
  std::map<int, bool> there;
  for (int index : indices) {
    while (there.count(index) == 0) {
      there[index] = record(index).has_value();
      if (there[index] || begins(index)) break;
      --index;
    }
  }
  return there;
}

ChainMaker ChainTasks::maker(const StopToken& stop) {
  return {context_.job.scene, context_.plan.script, context_.models,
          &chains_,           context_.progress,    stop,
          &context_.jobs};
}

ChainState ChainTasks::state_before(int index) {
  ChainState state;
  if (begins(index) && context_.job.scene.source.on()) return state;
  if (begins(index)) {
    const auto& part = context_.plan.script.chains().parts()[index];
    state.z = keys_.latent(part.keyframe).z();
    return state;
  }
  auto before = record(index - 1);
  if (!before) throw_not_there(task_of(index - 1));
  return std::move(before->state);
}

void ChainTasks::make_one(ChainMaker& maker, int index, IfNotKept if_not_kept) {
  const auto& task = task_of(index);
  auto& progress = context_.progress;
  if (record(index)) {
    progress.report(TaskChanged{task.name(), TaskState::reused});
    return;
  }
  const auto before = state_before(index);
  progress.report(TaskChanged{task.name(), TaskState::started});
  auto made = maker.make(index, task.output, before);
  try {
    chains_.keep(task.output, made);
  } catch (const RenderError& error) {
    if (if_not_kept == IfNotKept::fail) throw;
    hold_unkept(index, made, error);
  }
  {
    const std::lock_guard lock(mutex_);
    hold(index, made);
  }
  progress.report(TaskChanged{task.name(), TaskState::finished});
}

// What the store takes no more is held for what is made next, but not without end.
void ChainTasks::hold_unkept(int index, const ChainRecord& made, const RenderError& error) {
  {
    const std::lock_guard lock(mutex_);
    const auto bytes = bytes_of_frames(made);
    if (unkept_bytes_ + bytes > most_unkept_) {
      throw RenderError(
          RenderError::Kind::write_failed,
          fmt::format("{} Memory already holds {} of frames that the store did not take.",
                      error.what(), files::format_bytes(static_cast<double>(unkept_bytes_))));
    }
    unkept_bytes_ += bytes;
    unkept_[index] = made;
  }
  context_.progress.report(Warning{error.what()});
}

std::optional<ChainRecord> ChainTasks::record(int index) {
  const std::lock_guard lock(mutex_);
  if (const auto found = unkept_.find(index); found != unkept_.end()) return found->second;
  const auto held =
      std::find_if(held_.begin(), held_.end(), [&](const auto& one) { return one.first == index; });
  if (held != held_.end()) {
    held_.splice(held_.begin(), held_, held);
    return held->second;
  }
  auto found = chains_.find(task_of(index).output);
  const auto& part = context_.plan.script.chains().parts()[index];
  if (found && static_cast<int64_t>(found->latents.size()) != part.range.size()) found.reset();
  if (found) hold(index, *found);
  return found;
}

// Of several chains that are made side by side, the parts that are in use are held.
void ChainTasks::hold(int index, const ChainRecord& record) {
  held_.emplace_front(index, record);
  const auto most = kHeldParts + static_cast<std::size_t>(context_.jobs.count());
  if (held_.size() > most) held_.pop_back();
}

at::Tensor ChainTasks::latent(const scenes::Chained& place) {
  const auto found = record(place.part);
  if (!found) throw_not_there(task_of(place.part));
  return found->latents[static_cast<std::size_t>(place.number)];
}

}  // namespace latentreel::render
