#pragma once

#include <filesystem>
#include <string>

#include "src/cli/batch_films.h"
#include "src/plan/cost.h"
#include "src/plan/plan_file.h"

namespace latentreel::cli {

// A plan's text with what was measured. `start`: seconds until a process has its models and knows
// the plan.
std::string text_with_costs(const render::PlanRequest& request, render::RenderSession& session,
                            const render::Cost& cost, double start);

// Where a scene's plan goes where nobody says it: "dawn.plan.json" beside "dawn.toml".
std::filesystem::path plan_beside(const std::filesystem::path& scene);

// Plans scenes one after the other, and measures what their tasks take; networks are kept for the
// next scene, and given back where it has others, as their memory is not its own. Where this
// machine cannot measure it, that is said, and the plan has no costs.
class ScenePlanner {
 public:
  explicit ScenePlanner(const CommonOptions& options);

  // Writes the plan of a scene, or of an album's film. Returns where the film goes.
  std::filesystem::path write(const std::filesystem::path& plan, const CommonOptions& options);
  std::filesystem::path write(const std::filesystem::path& plan, const BatchFilm& film);

 private:
  void write(const std::filesystem::path& plan, const CommonOptions& options,
             const render::RenderJob& job, const std::filesystem::path& film);

  render::NoProgress quiet_;
  double begin_;        // seconds until this program began with its work
  double loading_ = 0;  // the longest that networks took to load
  SharedModels shared_;
};

}  // namespace latentreel::cli
