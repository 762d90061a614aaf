#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "src/run/progress.h"

namespace latentreel::cli {

// How much there is to do, so that a drawing can tell how much is left.
struct Work {
  std::vector<int> iterations;  // of each keyframe
  std::vector<int64_t> chains;  // iterations of each part of a chain
  int intervals = 0;            // whose pace is measured
  int64_t frames = 0;
};

// Guesses what is left from what was seen: the mean time of a finished iteration (divided by the
// keyframes that are made side by side) and of a finished frame, a probe decode counted as a frame.
// Too low while a keyframe is optimized at a smaller size first, where iterations take less. Before
// the first iteration nothing is known.
class Estimate {
 public:
  explicit Estimate(const Work& work);
  void follow(const render::ProgressEvent& event);  // to be told of each

  double part_done() const;     // of the total time, in [0, 1]
  double seconds_left() const;  // below 0: not known yet
  double iterations_per_second() const;

 private:
  void count(const render::TaskChanged& change);
  void count(const render::IterationReport& step);
  void count(const render::ChainIteration& step);
  void count(const render::FramesWritten& frames);
  int& done_of(int keyframe);
  double iteration_cost() const;
  double frame_cost() const;
  int64_t iterations_left() const;
  double frames_left() const;

  Work work_;
  std::vector<int> done_;             // iterations of each keyframe
  std::vector<int64_t> chains_done_;  // iterations of each part
  int keyframes_under_way_ = 0, chains_under_way_ = 0;
  int intervals_done_ = 0;
  int64_t frames_done_ = 0;
  int64_t measured_iterations_ = 0, measured_frames_ = 0;
  double iteration_seconds_ = 0, frame_seconds_ = 0;
  std::chrono::steady_clock::time_point started_;
};

// "1:05", "2:03:04": for people.
std::string format_duration(double seconds);

}  // namespace latentreel::cli
