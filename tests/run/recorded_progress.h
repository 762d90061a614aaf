#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "src/run/progress.h"
#include "src/run/stop.h"

namespace latentreel::render::testing {

// Remembers what it is told, and ends the work after so many iterations where a test asks for that.
class RecordedProgress : public Progress {
 public:
  void report(const ProgressEvent& event) override {
    std::visit([this](const auto& what) { note(what); }, event);
  }

  std::vector<std::string> tasks;  // "key:0 started"
  std::vector<IterationReport> iterations;
  std::vector<ChainIteration> chained;
  int64_t frames = 0;  // that are there, as last told
  std::vector<std::string> warnings;
  std::vector<std::string> outputs;  // of runs that were done

  int stop_at = -1;          // the iteration told of that is the last, counted from 1; -1: none
  int stop_at_chained = -1;  // the same of iterations in chains
  // Whether that iteration ends the work by an exception, not when the next one would begin.
  bool at_once = false;
  StopToken stop;  // requested after that iteration; for the call whose progress this is

 private:
  void note(const TaskChanged& change) {
    tasks.push_back(change.name + (change.state == TaskState::started  ? " started"
                                   : change.state == TaskState::reused ? " reused"
                                                                       : " finished"));
  }
  void note(const IterationReport& step) {
    iterations.push_back(step);
    if (static_cast<int>(iterations.size()) != stop_at) return;
    if (at_once) throw Stopped();
    stop.request(2);
  }
  void note(const ChainIteration& step) {
    chained.push_back(step);
    if (static_cast<int>(chained.size()) == stop_at_chained) stop.request(2);
  }
  void note(const FramesWritten& written) { frames = written.done; }
  void note(const Warning& warning) { warnings.push_back(warning.text); }
  void note(const DoneReport& done) { outputs.push_back(done.output); }
};

}  // namespace latentreel::render::testing
