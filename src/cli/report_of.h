#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "src/plan/renderer.h"

namespace latentreel::cli {

// Passes everything on and remembers the warnings, for the report.
class WarningRecord : public render::Progress {
 public:
  explicit WarningRecord(render::Progress& progress) : progress_(progress) {}
  void report(const render::ProgressEvent& event) override {
    if (const auto* warning = std::get_if<render::Warning>(&event)) texts_.push_back(warning->text);
    progress_.report(event);
  }

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
