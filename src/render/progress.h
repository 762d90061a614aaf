#pragma once

#include <cstdint>
#include <string>

namespace latentreel::render {

enum class TaskState { started, reused, finished };

// One iteration of a keyframe's optimization.
struct IterationReport {
  int keyframe = 0;    // counted from 0
  int iteration = 0;   // counted from 0
  int iterations = 0;  // asked for
  double loss = 0;     // before the step
  double seconds = 0;  // of this step
};

// What happens while a scene is rendered. A terminal, a log, a machine-readable stream and a test
// each draw it their own way. Calls come from one thread at a time.
class Progress {
 public:
  virtual ~Progress() = default;

  virtual void task(const std::string& name, TaskState state) = 0;  // "key:3", "pace:0", "film"
  virtual void iteration(const IterationReport& report) = 0;
  virtual void frame(int64_t done, int64_t total, double seconds) = 0;  // written, wall time of it
  virtual void warning(const std::string& text) = 0;
};

// Draws nothing.
class NoProgress : public Progress {
 public:
  void task(const std::string&, TaskState) override {}
  void iteration(const IterationReport&) override {}
  void frame(int64_t, int64_t, double) override {}
  void warning(const std::string&) override {}
};

}  // namespace latentreel::render
