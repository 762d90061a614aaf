#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "src/cli/commands.h"
#include "src/cli/common_options.h"
#include "src/cli/film_name.h"
#include "src/cli/sizes.h"
#include "src/cli/submitting.h"
#include "src/cluster/engines.h"
#include "src/files/error.h"

namespace latentreel::cli {
namespace {

std::string check_memory_size(const std::string& text) {
  return parse_bytes(text).value_or(0) > 0
             ? ""
             : files::quoted(text) + " is not a size such as 500M or 20G";
}

std::string check_share_time(const std::string& text) {
  return parse_duration(text) ? ""
                              : files::quoted(text) + " is not a length of time such as 90s or 30m";
}

// sbatch would take another word for the script.
std::string check_extra(const std::string& text) {
  return text.starts_with("--") ? ""
                                : files::quoted(text) + " is not an option such as --qos=night";
}

void add_share_options(CLI::App& command, SubmitOptions& options) {
  constexpr int kMostMachines = 100000;
  command
      .add_option("--machines", options.shares.machines,
                  "How many machines there may be: work is divided so that each has a share")
      ->check(CLI::Range(1, kMostMachines))
      ->capture_default_str();
  command
      .add_option("--share", options.share_time,
                  "How much work a process may do, models loaded once (default: 10m)")
      ->check(CLI::Validator(check_share_time, ""))
      ->type_name("90s|30m|2h");
  command.add_option("--cores", options.cores, "Cores of each share; 0: the plan's threads")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command
      .add_option("--memory", options.memory,
                  "Memory of each share (default: by the costs in the plan)")
      ->check(CLI::Validator(check_memory_size, ""))
      ->type_name("SIZE");
  command
      .add_option("--minutes", options.minutes,
                  "Time limit of each share (default: four times what it should take); a share is "
                  "stopped one to two minutes before, and goes on later")
      ->check(CLI::Range(3, 1000000));
  command
      .add_option(
          "--at-once", options.at_once,
          "Shares at the same time at the most: of each array of Slurm, of each host of GNU "
          "parallel; 0: as many as fit")
      ->check(CLI::Range(0, kMostMachines))
      ->capture_default_str();
}

void add_slurm_options(CLI::App& command, SubmitOptions& options) {
  const auto text = [&](const char* name, std::string& value, const char* help) {
    command.add_option(name, value, help)->type_name("TEXT");
  };
  text("--partition", options.partition, "Of Slurm: the partition");
  text("--account", options.account, "Of Slurm: the account");
  text(
      "--constraint", options.constraint,
      "Of Slurm: what nodes of the plan's kind of machine are called, so that bits are equal; of a "
      "mixed plan for keyframes, pacing and chains alone");
  text("--gres", options.gres, "Of Slurm: the GPU (default: gpu:1 for a plan made on one)");
  command
      .add_option("--extra", options.extra,
                  "Of Slurm: a further option of sbatch: --extra=--qos=night (may be repeated)")
      ->check(CLI::Validator(check_extra, ""))
      ->type_name("OPTION")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command
      .add_option("--hosts", options.hosts,
                  "Of GNU parallel: machines to reach by ssh (default: this one)")
      ->delimiter(',')
      ->type_name("HOST,...");
}

}  // namespace

void add_submit(CLI::App& program, int& result) {
  auto options = std::make_shared<SubmitOptions>();
  auto* command =
      program.add_subcommand("submit", "Hand a plan to a scheduler: one film, many machines");
  command
      ->add_option(
          "plan", options->scene,
          "A plan written by `latentreel plan -o`; or a scene, or an album as `batch` takes it "
          "(TOML with [[film]]), which are planned first")
      ->required()
      ->type_name("PLAN|SCENE|ALBUM");
  command->add_option("--engine", options->engine, "Who does it")
      ->check(CLI::IsMember(cluster::kEngines))
      ->capture_default_str();
  command->add_flag("--dry-run", options->dry_run, "Write the scripts, hand nothing over");
  command
      ->add_option("-o,--output", options->output,
                   "Where scripts and logs go, of an album also its films' plans (default: "
                   "PLAN.submission, beside the plan)")
      ->check(CLI::Validator(check_output_name, ""))
      ->type_name("DIR");
  command
      ->add_option("--films", options->films,
                   "Of an album: the folder for the films (default: the current one)")
      ->check(CLI::Validator(check_output_name, ""))
      ->type_name("DIR");
  add_store_option(*command, *options);
  add_store_from_option(*command, *options);
  add_set_option(*command, *options);
  add_machine_options(*command, *options);
  add_mixed_option(*command, *options);
  add_share_options(*command, *options);
  add_slurm_options(*command, *options);
  command->footer(
      "Plan, scene, models, store and scripts have to be in folders that all machines see under "
      "the "
      "same names. Slurm takes one array of jobs for all that wait for the same; a job that is "
      "preempted or out of its time goes on where it was, and what waits for a job that failed is "
      "taken back. What is done already is not submitted, and what is queued not a second time.\n"
      "Of an album, every film that can be planned is handed over; the exit code is that of the "
      "first film that cannot.\n"
      "Examples:\n"
      "  latentreel submit dawn.toml --partition gpu --store /shared/store\n"
      "  latentreel submit plan.json --engine parallel --hosts one,two --store /shared/store\n"
      "  latentreel submit plan.json --engine openjd -o deadline\n"
      "  latentreel submit album.toml --films films --store /shared/store\n"
      "  latentreel submit plan.json --dry-run --machines 100");
  command->callback([options, &result] { result = submit(*options); });
}

}  // namespace latentreel::cli
