#include "src/plan/pace_tasks.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "src/frames/decoded_frames.h"
#include "src/run/out_of_memory.h"

namespace latentreel::render {
namespace {

using nlohmann::json;

constexpr const char* kPaceEntry = "pace";

bool is_pace(const json& text) {
  return text.is_array() && (text.empty() || text.size() == kPaceProbes) &&
         std::all_of(text.begin(), text.end(), [](const json& n) { return n.is_number(); });
}

}  // namespace

PaceTasks::PaceTasks(const TaskContext& context, KeyTasks& keys)
    : context_(context), keys_(keys), found_(context.plan.paces.size()) {}

bool PaceTasks::done(const Task& task, const std::filesystem::path&) {
  return context_.store.has(kPaceEntry, task.output);
}

void PaceTasks::forget(const Task& task) noexcept {
  context_.store.remove(kPaceEntry, task.output);
}

void PaceTasks::run(const Task& task, const std::filesystem::path&) {
  make_one(task.id.index, IfNotKept::fail, context_.stop);
}

std::vector<Pace> PaceTasks::paces(const std::vector<int>& indices) {
  std::vector<Pace> paces(indices.empty() ? 0 : context_.plan.paces.size());
  for (const int index : indices) {
    const auto found = find(index);
    if (!found) throw_not_there(context_.plan.paces[index]);
    paces[index] = *found;
  }
  return paces;
}

void PaceTasks::make(const std::vector<int>& indices) {
  const EffortMeter meter(effort_);
  std::vector<const Task*> wanted, alike;  // alike: with an output that one before it has
  std::set<std::string> outputs;
  for (const auto& task : context_.plan.paces) {
    if (std::binary_search(indices.begin(), indices.end(), task.id.index)) {
      (outputs.insert(task.output).second ? wanted : alike).push_back(&task);
    } else if (context_.store.has(kPaceEntry, task.output)) {
      context_.progress.report(TaskChanged{task.name(), TaskState::reused});
    }
  }
  keys_.latents(needed_by(wanted, TaskId::Kind::key));  // read by one thread, for all of them
  context_.jobs.for_each(static_cast<int64_t>(wanted.size()), context_.stop,
                         [&](int64_t i, const StopToken& stop) {
                           make_one(wanted[i]->id.index, IfNotKept::warn, stop);
                         });
  for (const auto* task : alike) make_one(task->id.index, IfNotKept::warn, context_.stop);
}

std::optional<Pace> PaceTasks::find(int index) {
  if (found_[index]) return found_[index];
  const auto file = context_.store.find(kPaceEntry, context_.plan.paces[index].output);
  if (!file) return std::nullopt;
  const auto changes = json::parse(text_in(*file), nullptr, false);
  if (!is_pace(changes)) return std::nullopt;
  return found_[index] = Pace{.change = changes.get<std::vector<double>>()};
}

void PaceTasks::make_one(int index, IfNotKept if_not_kept, const StopToken& stop) {
  const auto& task = context_.plan.paces[index];
  if (find(index)) {
    context_.progress.report(TaskChanged{task.name(), TaskState::reused});
    return;
  }
  context_.progress.report(TaskChanged{task.name(), TaskState::started});
  const LatentPath path(keys_.latents(needed_by({&task}, TaskId::Kind::key)));
  const FrameDecoder decoder(context_.models.vqgan(frame_precision(context_.job.scene)),
                             shown_size(context_.job.scene.video), 8);
  found_[index] = alone_if_memory_is_short(&context_.jobs, [&] {
    return measure_pace(context_.plan.script, static_cast<size_t>(index), path, decoder, stop);
  });
  say_if_memory_is_short(&context_.jobs, context_.progress);
  keep_text(context_.store, context_.progress, kPaceEntry, task.output,
            json(found_[index]->change).dump(), if_not_kept);
  context_.progress.report(TaskChanged{task.name(), TaskState::finished});
}

}  // namespace latentreel::render
