#include <CLI/CLI.hpp>
#include <memory>

#include "src/cli/commands.h"
#include "src/cli/common_options.h"
#include "src/cli/exit_codes.h"
#include "src/cli/open_plan.h"
#include "src/cli/progress_choice.h"
#include "src/cli/signals.h"

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
  for (const auto& name : options.tasks) open.run(open.task(name));
  return kDone;
}

}  // namespace

void add_task(CLI::App& program, int& result) {
  auto options = std::make_shared<TaskOptions>();
  auto* command = program.add_subcommand("task", "Do one or more tasks of a plan");
  command->add_option("plan", options->plan, "A plan written by `latentreel plan -o`")
      ->required()
      ->type_name("PLAN");
  add_store_option(*command, *options);
  add_store_from_option(*command, *options);
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

}  // namespace latentreel::cli
