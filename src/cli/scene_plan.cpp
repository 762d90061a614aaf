#include "src/cli/scene_plan.h"

#include <algorithm>
#include <iostream>

#include "src/cli/film_name.h"
#include "src/cli/job.h"
#include "src/cli/signals.h"
#include "src/files/atomic_file.h"
#include "src/run/error.h"
#include "src/run/lap_timer.h"
#include "src/run/process_age.h"

namespace latentreel::cli {

namespace fs = std::filesystem;

std::string text_with_costs(const render::PlanRequest& request, render::RenderSession& session,
                            const render::Cost& cost, double start) {
  const render::PlanCosts costs{.start_seconds = start, .tasks = cost.tasks};
  return plan_text(request, session.job(), session.plan(), session.models(), &costs);
}

fs::path plan_beside(const fs::path& scene) {
  auto plan = scene;
  return plan.replace_extension(".plan.json");
}

ScenePlanner::ScenePlanner(const CommonOptions& options)
    : begin_(render::process_age()), shared_(options, quiet_) {}

fs::path ScenePlanner::write(const fs::path& plan, const CommonOptions& options) {
  const auto job = make_film_job(options);
  const auto film = film_file({}, options.scene, job.scene, name_of_part(job));
  write(plan, options, job, film);
  return film;
}

fs::path ScenePlanner::write(const fs::path& plan, const BatchFilm& film) {
  const auto job = make_job(film.options);
  const auto file = film.target(job.scene);
  write(plan, film.options, job, file);
  return fs::absolute(file);
}

void ScenePlanner::write(const fs::path& plan, const CommonOptions& options,
                         const render::RenderJob& job, const fs::path& film) {
  const render::LapTimer timer;
  render::RenderSession session(job, shared_.only_of(job), quiet_, stop_token());
  const double opened = timer.seconds();
  const auto request = request_of(options, job, film);
  try {
    const auto cost = render::measure_cost(session, stop_token());
    loading_ = std::max(loading_, cost.loading);
    const double start = begin_ + opened + loading_;
    files::write_file(plan, text_with_costs(request, session, cost, start));
  } catch (const render::RenderError& error) {
    // Who hands over need not be able to do it.
    if (error.kind() != render::RenderError::Kind::device) throw;
    std::cerr << "latentreel: what tasks take cannot be measured here, and is guessed: "
              << error.what() << '\n';
    files::write_file(plan, plan_text(request, job, session.plan(), session.models()));
  }
}

}  // namespace latentreel::cli
