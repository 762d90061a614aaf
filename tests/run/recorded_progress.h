#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/run/progress.h"
#include "src/run/stop.h"

namespace latentreel::render::testing {

// Remembers what it is told, and ends the work after so many iterations where a test asks for that.
class RecordedProgress : public NoProgress {
 public:
  void task(const std::string& name, TaskState state) override {
    tasks.push_back(name + (state == TaskState::started  ? " started"
                            : state == TaskState::reused ? " reused"
                                                         : " finished"));
  }
  void iteration(const IterationReport& report) override {
    iterations.push_back(report);
    if (static_cast<int>(iterations.size()) != stop_at) return;
    if (at_once) throw Stopped();
    stop.request(2);
  }
  void frame(int64_t done, int64_t, double) override { frames = done; }
  void warning(const std::string& text) override { warnings.push_back(text); }

  std::vector<std::string> tasks;  // "key:0 started"
  std::vector<IterationReport> iterations;
  int64_t frames = 0;  // that are there, as last told
  std::vector<std::string> warnings;

  int stop_at = -1;  // the iteration told of that is the last, counted from 1; -1: none
  // Whether that iteration ends the work by an exception, not when the next one would begin.
  bool at_once = false;
  StopToken stop;  // requested after that iteration; for the call whose progress this is
};

}  // namespace latentreel::render::testing
