#include "src/cli/open_plan.h"

#include <fmt/format.h>

#include "src/cli/job.h"
#include "src/cli/signals.h"
#include "src/files/error.h"
#include "src/run/error.h"

namespace latentreel::cli {
namespace {

render::RenderJob job_of(const render::PlanRequest& request, const CommonOptions& options) {
  auto asked = options_of(request);
  asked.store = options.store;
  asked.store_from = options.store_from;
  asked.force = options.force;
  asked.jobs = options.jobs;
  auto job = make_film_job(asked);
  job.embed_scene = request.embed_scene;
  job.planned_on = render::planned_on(request, job.machine);
  return job;
}

}  // namespace

OpenPlan::OpenPlan(const std::filesystem::path& file, const CommonOptions& options,
                   render::Progress& progress)
    : request_(render::read_request(file)),
      job_(job_of(request_, options)),
      session_(job_, progress, stop_token(), render::Keep::must) {
  render::expect_same_plan(file, plan_text(request_, job_, session_.plan(), session_.models()));
}

const render::Task& OpenPlan::task(const std::string& name) const {
  for (const auto* task : plan().tasks()) {
    if (task->name() == name) return *task;
  }
  throw render::RenderError(
      render::RenderError::Kind::missing,
      fmt::format("choosing the task {}: the plan has {}{}{}{}and film.", files::quoted(name),
                  names_of(Kind::key), names_of(Kind::pace), names_of(Kind::chain),
                  names_of(Kind::segment)));
}

std::vector<const render::Task*> OpenPlan::tasks(Kind kind) const {
  auto all = plan().tasks();
  std::erase_if(all, [&](const auto* task) { return task->id.kind != kind; });
  return all;
}

// "key:0 to key:3, "; of a part of a film others may be missing: "key:0, key:2, ".
std::string OpenPlan::names_of(Kind kind) const {
  const auto all = tasks(kind);
  std::string names;
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto last = i;
    while (last + 1 < all.size() && all[last + 1]->id.index == all[last]->id.index + 1) ++last;
    names += all[i]->name() + (last > i ? " to " + all[last]->name() : "") + ", ";
    i = last;
  }
  return names;
}

}  // namespace latentreel::cli
