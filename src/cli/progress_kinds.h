#pragma once

#include <chrono>
#include <string>

#include "src/cli/progress_choice.h"
#include "src/render/progress.h"

// Three ways to draw progress on standard error.

namespace latentreel::cli {

// Guesses what is left from what was seen: the mean time of a finished iteration and of a finished
// frame, a probe decode counted as a frame. Before the first iteration nothing is known.
class Estimate {
 public:
  explicit Estimate(const Work& work);
  void iteration(const render::IterationReport& report);
  void keyframe_done(int keyframe);  // finished early or reused
  void interval_done();
  void frame(int64_t done, double seconds);

  double part_done() const;     // [0, 1] of the time that all of it takes
  double seconds_left() const;  // below 0: not known yet
  double iterations_per_second() const;

 private:
  double iteration_cost() const;
  double frame_cost() const;
  int64_t iterations_left() const;
  double frames_left() const;

  Work work_;
  std::vector<int> done_;  // iterations of each keyframe
  int intervals_done_ = 0;
  int64_t frames_done_ = 0;
  int64_t measured_iterations_ = 0, measured_frames_ = 0;
  double iteration_seconds_ = 0, frame_seconds_ = 0;
  std::chrono::steady_clock::time_point started_;
};

// "1:05", "2:03:04": for people.
std::string format_duration(double seconds);

// One line that is drawn over and over: what, how far, iteration, loss, rate, time left.
class BarProgress : public render::Progress {
 public:
  explicit BarProgress(const Work& work);
  ~BarProgress() override;
  void task(const std::string& name, render::TaskState state) override;
  void iteration(const render::IterationReport& report) override;
  void frame(int64_t done, int64_t total, double seconds) override;
  void warning(const std::string& text) override;
  void done(const render::DoneReport& report) override;

 private:
  void draw(const std::string& label);
  void clear();

  Estimate estimate_;
  std::string label_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_draw_;
};

// A line now and then, for logs.
class PlainProgress : public render::Progress {
 public:
  explicit PlainProgress(const Work& work);
  void task(const std::string& name, render::TaskState state) override;
  void iteration(const render::IterationReport& report) override;
  void frame(int64_t done, int64_t total, double seconds) override;
  void warning(const std::string& text) override;
  void done(const render::DoneReport& report) override;

 private:
  bool due();

  Estimate estimate_;
  std::chrono::steady_clock::time_point last_line_;
};

// One JSON object a line.
class JsonProgress : public render::Progress {
 public:
  void task(const std::string& name, render::TaskState state) override;
  void iteration(const render::IterationReport& report) override;
  void frame(int64_t done, int64_t total, double seconds) override;
  void warning(const std::string& text) override;
  void done(const render::DoneReport& report) override;
};

}  // namespace latentreel::cli
