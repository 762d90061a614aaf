#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "src/cli/common_options.h"
#include "src/plan/plan_file.h"
#include "src/plan/render_session.h"

namespace latentreel::cli {

// A plan's file opened again: made anew from what it was asked for, and found to be the same. What
// tasks make is for others, so it has to be kept.
class OpenPlan {
 public:
  using Kind = render::TaskId::Kind;

  // Of the options it takes store, force and jobs. Throws as plan_file.h and RenderSession.
  OpenPlan(const std::filesystem::path& file, const CommonOptions& options,
           render::Progress& progress);

  // Throws RenderError (missing) where the plan has none of that name.
  const render::Task& task(const std::string& name) const;

  // Those that the film needs.
  std::vector<const render::Task*> tasks(Kind kind) const;

  // Does a task, where it is not done. Throws RenderError (device) where only another kind of
  // machine may.
  void run(const render::Task& task) {
    if (!done(task)) expect_made_here(job_, task);
    runner().task(task, film());
  }

  bool done(const render::Task& task) { return runner().done(task, film()); }

  render::PlanRunner& runner() { return session_.runner(); }
  const render::RenderPlan& plan() const { return session_.plan(); }
  const std::filesystem::path& film() const { return request_.film; }

 private:
  std::string names_of(Kind kind) const;

  render::PlanRequest request_;
  render::RenderJob job_;
  render::RenderSession session_;
};

}  // namespace latentreel::cli
