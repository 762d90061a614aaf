#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "src/cli/commands.h"
#include "src/cli/common_options.h"
#include "src/cli/exit_codes.h"
#include "src/cli/job.h"
#include "src/cli/progress_choice.h"
#include "src/cli/signals.h"
#include "src/files/error.h"
#include "src/plan/render_session.h"
#include "src/run/error.h"

namespace latentreel::cli {
namespace {

struct TaskOptions : CommonOptions {
  std::filesystem::path plan;
  std::vector<std::string> tasks;
};

// A plan's file opened again: made anew from what it was asked for, and found to be the same. What
// tasks make is for others, so it has to be kept.
class OpenPlan {
 public:
  using Kind = render::TaskId::Kind;

  OpenPlan(const TaskOptions& options, render::Progress& progress)
      : request_(render::read_request(options.plan)),
        job_(job_of(options)),
        session_(job_, progress, stop_token(), render::Keep::must) {
    render::expect_same_plan(options.plan,
                             plan_text(request_, job_, session_.plan(), session_.models()));
  }

  const render::Task& task(const std::string& name) const {
    for (const auto* task : plan().tasks()) {
      if (task->name() == name) return *task;
    }
    throw render::RenderError(
        render::RenderError::Kind::missing,
        fmt::format("choosing the task {}: the plan has {}{}{}{}and film.", files::quoted(name),
                    names_of(Kind::key), names_of(Kind::pace), names_of(Kind::chain),
                    names_of(Kind::segment)));
  }

  // Those that the film needs.
  std::vector<const render::Task*> tasks(Kind kind) const {
    auto all = plan().tasks();
    std::erase_if(all, [&](const auto* task) { return task->id.kind != kind; });
    return all;
  }

  render::PlanRunner& runner() { return session_.runner(); }
  const render::RenderPlan& plan() const { return session_.plan(); }
  const std::filesystem::path& film() const { return request_.film; }

 private:
  // "key:0 to key:3, "; of a part of a film others may be missing: "key:0, key:2, ".
  std::string names_of(Kind kind) const {
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

  render::RenderJob job_of(const TaskOptions& options) {
    auto asked = options_of(request_);
    asked.store = options.store;
    asked.force = options.force;
    asked.jobs = options.jobs;
    auto job = make_film_job(asked);
    job.embed_scene = request_.embed_scene;
    return job;
  }

  render::PlanRequest request_;
  render::RenderJob job_;
  render::RenderSession session_;
};

int do_tasks(const TaskOptions& options) {
  auto drawing = make_progress(options.progress == "auto" ? "plain" : options.progress, {});
  render::TaskWatch watch(watch_settings(options), *drawing, stop_token());
  OpenPlan open(options, watch);
  for (const auto& name : options.tasks) open.task(name);  // all names, before any work
  for (const auto& name : options.tasks) open.runner().task(open.task(name), open.film());
  return kDone;
}

// "key 2/3  missing: key:1": what is there of one kind.
bool print_status(OpenPlan& open, const std::string& kind,
                  const std::vector<const render::Task*>& tasks) {
  std::string missing;
  size_t done = 0;
  for (const auto* task : tasks) {
    if (open.runner().done(*task, open.film())) {
      ++done;
    } else {
      missing += " " + task->name();
    }
  }
  std::cout << fmt::format("{:<5} {}/{}{}{}\n", kind, done, tasks.size(),
                           missing.empty() ? "" : "  to do:", missing);
  return missing.empty();
}

int show_status(const TaskOptions& options) {
  render::NoProgress quiet;
  OpenPlan open(options, quiet);
  using Kind = OpenPlan::Kind;
  const auto paces = open.tasks(Kind::pace);
  print_status(open, "key", open.tasks(Kind::key));
  if (!paces.empty()) print_status(open, "pace", paces);
  const auto chains = open.tasks(Kind::chain);
  if (!chains.empty()) print_status(open, "chain", chains);
  print_status(open, "seg", open.tasks(Kind::segment));
  const bool done = print_status(open, "film", open.tasks(Kind::film));
  return done ? kDone : kTryAgain;
}

void add_plan_argument(CLI::App& command, TaskOptions& options) {
  command.add_option("plan", options.plan, "A plan written by `latentreel plan -o`")
      ->required()
      ->type_name("PLAN");
  add_store_option(command, options);
}

}  // namespace

void add_task(CLI::App& program, int& result) {
  auto options = std::make_shared<TaskOptions>();
  auto* command = program.add_subcommand("task", "Do one or more tasks of a plan");
  add_plan_argument(*command, *options);
  command->add_option("task", options->tasks, "key:3, pace:3, chain:2, seg:7 or film")
      ->required()
      ->type_name("TASK");
  add_jobs_option(*command, *options);
  add_on_term_option(*command);
  add_watch_options(*command, *options);
  add_progress_option(*command, options->progress);
  command->footer(
      "A task whose output is in the store is not done again. A plan is refused if its scene, "
      "models or other files have changed. Exit code 75 means that something the task needs is not "
      "there yet, or that its time is up; when run again, a keyframe continues where it was and a "
      "segment starts over. The heartbeat is written between two chunks of work: if the file is "
      "older than the longest chunk takes (minutes for large models on a CPU), the task hangs.\n"
      "Examples:\n"
      "  latentreel task plan.json key:0 key:1\n"
      "  latentreel task plan.json seg:7 --store /shared/store\n"
      "  latentreel task plan.json key:3 --task-limit 30m --heartbeat /shared/alive/key-3\n"
      "  latentreel task plan.json film");
  command->callback([options, &result] { result = do_tasks(*options); });
}

void add_status(CLI::App& program, int& result) {
  auto options = std::make_shared<TaskOptions>();
  auto* command = program.add_subcommand(
      "status", "Show which tasks of a plan are done, by looking at files only");
  add_plan_argument(*command, *options);
  command->footer(
      "The exit code is 0 when the film is done, and 75 while there is still something to do.\n"
      "Example:\n"
      "  latentreel status plan.json --store /shared/store");
  command->callback([options, &result] { result = show_status(*options); });
}

}  // namespace latentreel::cli
