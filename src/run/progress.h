#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace latentreel::render {

enum class TaskState {
  started,
  reused,  // what it makes was there already
  finished,
};

// A task came into another state. One that is stopped or fails stays at started.
struct TaskChanged {
  std::string name;  // "key:3", "pace:0", "chain:1", "seg:2", "film"; "debug:3", "report"
  TaskState state = TaskState::started;
};

// One iteration of a keyframe's optimization is done.
struct IterationReport {
  int keyframe = 0;    // counted from 0
  int iteration = 0;   // counted from 0; a later pass of the keyframe goes on counting
  int iterations = 0;  // asked for, of all passes; patience may end it earlier
  double loss = 0;     // before the step
  double seconds = 0;  // wall time of this step
};

// One iteration of a frame that grows out of the one before it is done.
struct ChainIteration {
  int part = 0;        // "chain:PART"
  int64_t frame = 0;   // of the film
  int64_t done = 0;    // frames of the part that are finished
  int64_t frames = 0;  // of the part
  int iteration = 0;   // counted from 0
  int iterations = 0;  // of every frame; where it is 0, this comes once a frame
  double loss = 0;     // before the step
  double seconds = 0;  // wall time of this step
};

// One more frame was encoded, or written as a picture.
struct FramesWritten {
  int64_t done = 0;    // frames that are there now, those of reused segments included
  int64_t total = 0;   // of the film, or of the pictures asked for
  double seconds = 0;  // wall time since the frame before it, or since the first was asked for
};

// Something that the person should know, though the run goes on: a sentence or two, no line's end.
struct Warning {
  std::string text;
};

// Everything is finished: what the whole run made. Nothing comes after it.
struct DoneReport {
  std::string output;  // file or folder
  int64_t frames = 0;
  double seconds = 0;  // wall time of the run
  std::string text;    // the same and more, in words, several lines, each with its end
};

using ProgressEvent =
    std::variant<TaskChanged, IterationReport, ChainIteration, FramesWritten, Warning, DoneReport>;

// Is told what happens while a scene is rendered. A terminal, a log, a machine-readable stream and
// a test each draw it their own way. Calls come from one thread at a time.
class Progress {
 public:
  virtual ~Progress() = default;

  // `event` has just happened. What this throws ends the work.
  virtual void report(const ProgressEvent& event) = 0;
};

// Draws nothing.
class NoProgress : public Progress {
 public:
  void report(const ProgressEvent&) override {}
};

}  // namespace latentreel::render
