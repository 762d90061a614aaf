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
  void task(const std::string& name, render::TaskState state) override;
  void iteration(const render::IterationReport& report) override;
  void frame(int64_t done, int64_t total, double seconds) override;
  void warning(const std::string& text) override;
  void done(const render::DoneReport& report) override;

 private:
  void draw(const std::string& label);

  Estimate estimate_;
  BarLine line_;
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
