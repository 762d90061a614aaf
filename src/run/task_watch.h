#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "src/run/progress.h"
#include "src/run/stop.h"

namespace latentreel::render {

// Follows which tasks are under way, for unattended runs: ends the work when a task takes longer
// than it may, and writes a heartbeat file by which a watchdog tells a run that works from one that
// hangs. Passes all progress on.
//
// The limit is checked where the work checks for a stop, between two chunks of cutouts, frames or
// packets: so a run that hangs writes no heartbeat, and is not ended from here either. Where one
// task hangs and others beside it go on, the heartbeat goes on, but its `done` stands still.
class TaskWatch : public Progress {
 public:
  struct Settings {
    std::optional<double> limit = {};      // seconds that one task may take in this run
    std::filesystem::path heartbeat = {};  // the file; empty: none
  };
  using Clock = std::function<double()>;   // seconds, never going back
  static constexpr double kBeatEvery = 3;  // seconds

  // Watches from now on until it is destroyed; `progress` and `stop` must outlive it. Writes the
  // first heartbeat, and throws FileError where it cannot. If a later one cannot
  // be written, that is a warning.
  //
  // The heartbeat is one line of JSON, which appears whole or not at all, every kBeatEvery seconds
  // while work goes on, of the task that has been under way for the longest time:
  //   {"task": "key:3", "done": 12, "of": 200, "seconds": 34.2, "pid": 4711}
  // `task` is null between tasks, `done` and `of` (iterations; frames of the film) where nothing is
  // counted yet; `seconds` is the task's time in this run. The time of the beat is that of the
  // file. It is removed when the run ends by itself.
  TaskWatch(Settings settings, Progress& progress, StopToken& stop, Clock clock = steady_clock());
  ~TaskWatch() override;
  TaskWatch(const TaskWatch&) = delete;
  TaskWatch& operator=(const TaskWatch&) = delete;

  static Clock steady_clock();

  void report(const ProgressEvent& event) override;

 private:
  struct UnderWay {
    std::string name;
    double since = 0;  // of the clock
    std::optional<int64_t> done = {}, of = {};
  };
  void look();  // throws TimeIsUp
  void beat_if_due(double now);
  void beat(double now);
  void follow(const TaskChanged& change);
  static void count(UnderWay& task, int64_t done, int64_t of);

  Settings settings_;
  Progress& progress_;
  StopToken& stop_;
  Clock clock_;
  std::mutex mutex_;             // several threads report and check
  std::vector<UnderWay> tasks_;  // in the order in which they began
  double last_beat_ = 0;
  bool warned_ = false;
};

}  // namespace latentreel::render
