#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>
#include <memory>

#include "scenes/manifest.h"
#include "src/cli/album.h"
#include "src/cli/commands.h"
#include "src/cli/exit_codes.h"
#include "src/cli/plan_status.h"
#include "src/cli/sizes.h"
#include "src/cli/watching.h"
#include "src/files/error.h"

namespace latentreel::cli {
namespace {

struct StatusOptions : CommonOptions {
  std::filesystem::path plan;  // or an album
  bool watch = false;
  std::string every = "10s";  // parse_duration
};

// What looks at a plan or an album, opened once.
std::function<Look()> looker(const StatusOptions& options) {
  if (scenes::is_manifest(options.plan)) {
    return [album = std::make_shared<AlbumStatus>(options.plan, options)] { return album->look(); };
  }
  return [plan = std::make_shared<PlanStatus>(options.plan, options)] {
    SlurmAnswer slurm;
    return plan->look(slurm);
  };
}

// Whatever has failed, it may be submitted again: there is still something to do. Of an album a
// film that cannot be is told by its own code.
int show_status(const StatusOptions& options) {
  const auto look = looker(options);
  if (options.watch) return watch(look, *parse_duration(options.every));
  const auto now = look();
  std::cout << now.text;
  return now.state == Look::State::failed && !scenes::is_manifest(options.plan) ? kTryAgain
                                                                                : now.code;
}

std::string check_interval(const std::string& text) {
  return parse_duration(text) ? "" : files::quoted(text) + " is not a length of time such as 10s";
}

}  // namespace

void add_status(CLI::App& program, int& result) {
  auto options = std::make_shared<StatusOptions>();
  auto* command =
      program.add_subcommand("status", "Show which tasks of a plan are done, or films of an album");
  command
      ->add_option("plan", options->plan,
                   "A plan written by `latentreel plan -o`, or an album that was submitted")
      ->required()
      ->type_name("PLAN|ALBUM");
  add_store_option(*command, *options);
  add_store_from_option(*command, *options);
  command->add_flag("--watch", options->watch,
                    "Look again and again, until it is done or its jobs of Slurm have failed");
  command->add_option("--every", options->every, "How often --watch looks")
      ->check(CLI::Validator(check_interval, ""))
      ->capture_default_str()
      ->type_name("10s|1m");
  command->footer(
      "The exit code is 0 when the film is done, and 75 while there is still something to do. Of a "
      "plan that was submitted to Slurm also what is queued, running and failed, where, and why.\n"
      "With --watch the exit code tells how it ended: 0 when the film is done, the exit code of "
      "the first job that failed when nothing is queued any more (70 where Slurm ended it), 75 "
      "when its jobs have ended and no film is seen for a minute and a half, 130 after Ctrl-C, "
      "which ends only the watch. Of a plan that others than Slurm do, it ends when the film is "
      "there. Of an album: 0 when all films are done, and that of the first film that failed when "
      "nothing goes on.\n"
      "Examples:\n"
      "  latentreel status plan.json --store /shared/store\n"
      "  latentreel status album.toml --store /shared/store --watch --every 1m");
  command->callback([options, &result] { result = show_status(*options); });
}

}  // namespace latentreel::cli
