#pragma once

#include <chrono>
#include <string>

#include "src/cli/bar_line.h"
#include "src/cli/estimate.h"
#include "src/cli/progress_choice.h"
#include "src/run/progress.h"

// Three ways to draw progress on standard error.

namespace latentreel::cli {

// One line that is drawn over and over: what, how far, iteration, loss, rate, time left.
class BarProgress : public render::Progress {
 public:
  explicit BarProgress(const Work& work);
  void report(const render::ProgressEvent& event) override;

 private:
  void show(const render::TaskChanged& change);
  void show(const render::IterationReport& step);
  void show(const render::ChainIteration& step);
  void show(const render::FramesWritten& frames);
  void show(const render::Warning& warning);
  void show(const render::DoneReport& done);
  void draw(const std::string& label);

  Estimate estimate_;
  BarLine line_;
};

// A line now and then, for logs.
class PlainProgress : public render::Progress {
 public:
  explicit PlainProgress(const Work& work);
  void report(const render::ProgressEvent& event) override;

 private:
  void show(const render::TaskChanged& change);
  void show(const render::IterationReport& step);
  void show(const render::ChainIteration& step);
  void show(const render::FramesWritten& frames);
  void show(const render::Warning& warning);
  void show(const render::DoneReport& done);
  bool due();

  Estimate estimate_;
  std::chrono::steady_clock::time_point last_line_;
};

// One JSON object a line.
class JsonProgress : public render::Progress {
 public:
  void report(const render::ProgressEvent& event) override;
};

}  // namespace latentreel::cli
