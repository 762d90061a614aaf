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
  if (!task_ || !settings_.limit || now - task_->since <= *settings_.limit) return;
  throw TimeIsUp(
      fmt::format("{} took longer than its limit of {:g} seconds", task_->name, *settings_.limit));
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
  if (task_) {
    state["task"] = task_->name;
    state["seconds"] = now - task_->since;
    if (task_->done) state["done"] = *task_->done;
    if (task_->of) state["of"] = *task_->of;
  }
  const auto text = state.dump() + "\n";
  files::write_file(settings_.heartbeat, text);
}

void TaskWatch::follow(const TaskChanged& change) {
  if (change.state == TaskState::started) {
    task_ = UnderWay{.name = change.name, .since = clock_()};
  } else if (task_ && task_->name == change.name) {
    task_.reset();
  }
  beat_if_due(clock_());
}

void TaskWatch::count(int64_t done, int64_t of) {
  if (!task_) return;
  task_->done = done;
  task_->of = of;
}

void TaskWatch::report(const ProgressEvent& event) {
  const std::lock_guard lock(mutex_);
  progress_.report(event);
  if (const auto* change = std::get_if<TaskChanged>(&event)) {
    follow(*change);
  } else if (const auto* step = std::get_if<IterationReport>(&event)) {
    count(step->iteration + 1, step->iterations);
  } else if (const auto* frames = std::get_if<FramesWritten>(&event)) {
    count(frames->done, frames->total);
  }
}

}  // namespace latentreel::render
