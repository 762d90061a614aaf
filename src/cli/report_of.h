#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "src/plan/renderer.h"

namespace latentreel::cli {

// Passes everything on and remembers the warnings, for the report.
class WarningRecord : public render::Progress {
 public:
  explicit WarningRecord(render::Progress& progress) : progress_(progress) {}
  void task(const std::string& name, render::TaskState state) override {
    progress_.task(name, state);
  }
  void iteration(const render::IterationReport& report) override { progress_.iteration(report); }
  void frame(int64_t done, int64_t total, double seconds) override {
    progress_.frame(done, total, seconds);
  }
  void warning(const std::string& text) override {
    texts_.push_back(text);
    progress_.warning(text);
  }
  void done(const render::DoneReport& report) override { progress_.done(report); }

  const std::vector<std::string>& texts() const { return texts_; }

 private:
  render::Progress& progress_;
  std::vector<std::string> texts_;
};

// Writes the report of a film that `session` made, into `folder`. `summary` tells how long its
// parts took; null where the film was made by another run. Returns the page.
std::filesystem::path write_report_of(render::RenderSession& session,
                                      const std::filesystem::path& film,
                                      const render::RenderSummary* summary,
                                      const std::vector<std::string>& warnings,
                                      const std::filesystem::path& folder,
                                      render::Progress& progress);

}  // namespace latentreel::cli
