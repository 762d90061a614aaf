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

// What a whole run made.
struct DoneReport {
  std::string output;  // file or folder
  int64_t frames = 0;
  double seconds = 0;  // wall time of the run
  std::string text;    // the same and more, in words, several lines
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
  // Everything is finished: what came of it, for people and for programs. Nothing comes after it.
  virtual void done(const DoneReport& report) = 0;
};

// Draws nothing.
class NoProgress : public Progress {
 public:
  void task(const std::string&, TaskState) override {}
  void iteration(const IterationReport&) override {}
  void frame(int64_t, int64_t, double) override {}
  void warning(const std::string&) override {}
  void done(const DoneReport&) override {}
};

}  // namespace latentreel::render
