#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "src/cli/commands.h"
#include "src/cli/common_options.h"
#include "src/cli/exit_codes.h"
#include "src/cli/open_plan.h"
#include "src/cli/progress_choice.h"
#include "src/cli/signals.h"
#include "src/cluster/error.h"
#include "src/cluster/scheduler_view.h"

namespace latentreel::cli {
namespace {

struct TaskOptions : CommonOptions {
  std::filesystem::path plan;
  std::vector<std::string> tasks;
};

int do_tasks(const TaskOptions& options) {
  auto drawing = make_progress(options.progress == "auto" ? "plain" : options.progress, {});
  render::TaskWatch watch(watch_settings(options), *drawing, stop_token());
  OpenPlan open(options.plan, options, watch);
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

// Of a plan that was submitted. Files alone tell what is done: where the scheduler does not answer,
// only that is said.
void print_scheduler(const std::filesystem::path& plan) {
  const auto submission = cluster::read_submission(cluster::submission_file(plan));
  if (!submission) return;
  try {
    std::cout << cluster::scheduler_view(*submission, cluster::ask_slurm_jobs());
  } catch (const cluster::ClusterError& error) {
    std::cout << fmt::format("slurm unknown: {}\n", error.what());
  }
}

int show_status(const TaskOptions& options) {
  render::NoProgress quiet;
  OpenPlan open(options.plan, options, quiet);
  using Kind = OpenPlan::Kind;
  for (const auto& [kind, name] : {std::pair(Kind::key, "key"), std::pair(Kind::pace, "pace"),
                                   std::pair(Kind::chain, "chain")}) {
    const auto tasks = open.tasks(kind);
    if (!tasks.empty()) print_status(open, name, tasks);
  }
  print_status(open, "seg", open.tasks(Kind::segment));
  const bool done = print_status(open, "film", open.tasks(Kind::film));
  print_scheduler(options.plan);
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
      "there yet, or that its time is up; when run again, a keyframe or "
      "a chain continues where it was and a segment starts over. The heartbeat is written between "
      "two chunks of work: if the file is "
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
  auto* command = program.add_subcommand("status", "Show which tasks of a plan are done");
  add_plan_argument(*command, *options);
  command->footer(
      "The exit code is 0 when the film is done, and 75 while there is still something to do. Of a "
      "plan that was submitted to Slurm also what is queued, running and failed, and where.\n"
      "Example:\n"
      "  latentreel status plan.json --store /shared/store");
  command->callback([options, &result] { result = show_status(*options); });
}

}  // namespace latentreel::cli
