#include "src/run/task_watch.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>
#include <variant>

#include "src/files/atomic_file.h"

namespace latentreel::render {

TaskWatch::TaskWatch(Settings settings, Progress& progress, StopToken& stop, Clock clock)
    : settings_(std::move(settings)), progress_(progress), stop_(stop), clock_(std::move(clock)) {
  if (!settings_.heartbeat.empty()) beat(clock_());
  stop_.set_watch([this] { look(); });
}

TaskWatch::~TaskWatch() {
  stop_.set_watch({});
  std::error_code ignored;
  if (!settings_.heartbeat.empty()) std::filesystem::remove(settings_.heartbeat, ignored);
}

TaskWatch::Clock TaskWatch::steady_clock() {
  return [] {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double>(now).count();
  };
}

void TaskWatch::look() {
  const std::lock_guard lock(mutex_);
  const double now = clock_();
  beat_if_due(now);
  if (tasks_.empty() || !settings_.limit) return;
  const auto& task = tasks_.front();
  if (now - task.since <= *settings_.limit) return;
  throw TimeIsUp(
      fmt::format("{} took longer than its limit of {:g} seconds", task.name, *settings_.limit));
}

void TaskWatch::beat_if_due(double now) {
  if (settings_.heartbeat.empty() || now - last_beat_ < kBeatEvery) return;
  try {
    beat(now);
  } catch (const files::FileError& error) {
    if (!std::exchange(warned_, true)) progress_.report(Warning{error.what()});
  }
}

void TaskWatch::beat(double now) {
  last_beat_ = now;
  nlohmann::ordered_json state = {
      {"task", nullptr}, {"done", nullptr}, {"of", nullptr}, {"seconds", 0}, {"pid", ::getpid()}};
  if (!tasks_.empty()) {
    const auto& task = tasks_.front();
    state["task"] = task.name;
    state["seconds"] = now - task.since;
    if (task.done) state["done"] = *task.done;
    if (task.of) state["of"] = *task.of;
  }
  const auto text = state.dump() + "\n";
  files::write_file(settings_.heartbeat, text);
}

void TaskWatch::follow(const TaskChanged& change) {
  if (change.state == TaskState::started) {
    tasks_.push_back({.name = change.name, .since = clock_()});
  } else {
    std::erase_if(tasks_, [&](const UnderWay& task) { return task.name == change.name; });
  }
  beat_if_due(clock_());
}

void TaskWatch::count(UnderWay& task, int64_t done, int64_t of) {
  task.done = done;
  task.of = of;
}

void TaskWatch::report(const ProgressEvent& event) {
  const std::lock_guard lock(mutex_);
  progress_.report(event);
  if (const auto* change = std::get_if<TaskChanged>(&event)) {
    follow(*change);
  } else if (const auto* step = std::get_if<IterationReport>(&event)) {
    const auto name = "key:" + std::to_string(step->keyframe);
    for (auto& task : tasks_) {
      if (task.name == name) count(task, step->iteration + 1, step->iterations);
    }
  } else if (const auto* chain = std::get_if<ChainIteration>(&event)) {
    const auto name = "chain:" + std::to_string(chain->part);
    for (auto& task : tasks_) {
      if (task.name == name) count(task, chain->done, chain->frames);
    }
  } else if (const auto* frames = std::get_if<FramesWritten>(&event)) {
    if (!tasks_.empty()) count(tasks_.back(), frames->done, frames->total);
  }
}

}  // namespace latentreel::render
