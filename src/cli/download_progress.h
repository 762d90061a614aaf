#pragma once

#include <chrono>
#include <string>

#include "src/cli/bar_line.h"
#include "src/library/download.h"

namespace latentreel::cli {

// Draws a model's download on standard error as `--progress` says (common_options.h), and stops it
// when a signal asks for that: both calls throw render::Stopped then.
class DownloadProgress : public library::DownloadWatch {
 public:
  DownloadProgress(std::string model, const std::string& progress);
  void progress(std::int64_t done, std::int64_t total) override;
  void note(const std::string& text) override;

 private:
  enum class Drawing { bar, plain, json, none };
  using Clock = std::chrono::steady_clock;

  double rate(std::int64_t done);  // bytes a second since the first call

  std::string model_;
  Drawing drawing_;
  BarLine line_;
  std::int64_t first_ = -1;  // bytes that were there at the first call
  Clock::time_point began_, last_line_;
};

}  // namespace latentreel::cli
