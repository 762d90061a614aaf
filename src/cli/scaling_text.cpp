#include "src/cli/scaling_text.h"

#include <fmt/format.h>

#include "src/cli/estimate.h"

namespace latentreel::cli {

std::string scaling_text(const cluster::ClusterPlan& left, int machines,
                         const cluster::ShareSettings& settings) {
  const std::string indent(12, ' ');
  const auto scaling = cluster::scaling(left, machines, settings);
  auto text = fmt::format("  machines  {:>6}  {:>9}  {:>5}\n", "number", "time", "busy");
  for (const auto& one : scaling.tried) {
    text += fmt::format("{}{:>6}  {:>9}  {:>3.0f} %\n", indent, one.machines,
                        format_duration(one.seconds), one.utilisation * 100);
  }
  text += fmt::format("{}at least {} on any number; more than {} hardly help\n", indent,
                      format_duration(scaling.critical_path), scaling.enough);
  if (left.guessed() > 0) {
    text += fmt::format("{}{} of {} tasks' times are guesses, as the plan has none\n", indent,
                        left.guessed(), left.tasks.size());
  }
  return text;
}

}  // namespace latentreel::cli
