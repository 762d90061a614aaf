#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "src/cli/commands.h"
#include "src/cli/common_options.h"
#include "src/cli/estimate.h"
#include "src/cli/exit_codes.h"
#include "src/cli/film_name.h"
#include "src/cli/job.h"
#include "src/cli/open_plan.h"
#include "src/cli/signals.h"
#include "src/cli/sizes.h"
#include "src/cluster/cluster_plan.h"
#include "src/cluster/engines.h"
#include "src/cluster/error.h"
#include "src/cluster/openjd.h"
#include "src/cluster/simulate.h"
#include "src/cluster/slurm_client.h"
#include "src/files/atomic_file.h"
#include "src/files/error.h"
#include "src/run/error.h"

namespace latentreel::cli {
namespace {

namespace fs = std::filesystem;

struct SubmitOptions : CommonOptions {
  std::string engine = "slurm";
  bool dry_run = false;
  fs::path output;     // for scripts and logs; empty: beside the plan
  std::string memory;  // empty: by the plan's costs
  int minutes = 0;     // 0: by the plan's costs
  int cores = 0;
  int at_once = 0;
  cluster::ShareSettings shares = {};
  std::string share_time;  // empty: the default of ShareSettings
  std::string partition, account, constraint, gres;
  std::vector<std::string> extra, hosts;
};

// A scene's TOML does not begin so.
bool is_plan(const fs::path& file) {
  std::ifstream in(file);
  char first = 0;
  return in >> first && first == '{';
}

// A plan says all that its scene was asked for.
void expect_nothing_for_a_scene(const SubmitOptions& options) {
  if (options.set.empty() && options.device == "auto" && options.threads == 0) return;
  throw CLI::ValidationError("--set, --device, --threads",
                             "they belong to a scene, and what was given is a plan, which has its "
                             "own: give them to `latentreel plan`");
}

// Plans a scene, beside it: the same plan again replaces itself.
fs::path plan_of_scene(const SubmitOptions& options) {
  const auto job = make_film_job(options);
  render::NoProgress quiet;
  render::RenderSession session(job, quiet, stop_token());
  const auto film = film_file({}, options.scene, job.scene, name_of_part(job));
  auto file = options.scene;
  file.replace_extension(".plan.json");
  files::write_file(
      file, plan_text(request_of(options, job, film), job, session.plan(), session.models()));
  return file;
}

// What is there already. A machine that hands over need not be one that could do the tasks: then
// each task finds out for itself.
std::set<std::string> tasks_done(const fs::path& plan, const SubmitOptions& options) {
  std::set<std::string> done;
  try {
    render::NoProgress quiet;
    OpenPlan open(plan, options, quiet);
    for (const auto* task : open.plan().tasks()) {
      if (open.done(*task)) done.insert(task->name());
    }
  } catch (const render::RenderError& error) {
    if (error.kind() != render::RenderError::Kind::device) throw;
    std::cerr << "latentreel: what is done already is not known here: " << error.what() << '\n';
  }
  return done;
}

cluster::Settings settings_of(const SubmitOptions& options, const fs::path& plan) {
  cluster::Settings settings;
  settings.program = fs::read_symlink("/proc/self/exe");
  auto beside = plan;
  settings.folder = fs::absolute(options.output.empty() ? beside.replace_extension(".submission")
                                                        : options.output);
  settings.store = fs::absolute(store_folder(options));
  settings.cores = options.cores;
  settings.at_once = options.at_once;
  if (!options.memory.empty()) {
    settings.memory_bytes = static_cast<double>(*parse_bytes(options.memory));
  }
  if (options.minutes > 0) settings.minutes = options.minutes;
  settings.shares = options.shares;
  if (!options.share_time.empty()) settings.shares.seconds = *parse_duration(options.share_time);
  settings.partition = options.partition;
  settings.account = options.account;
  settings.constraint = options.constraint;
  settings.gres = options.gres;
  settings.extra = options.extra;
  settings.hosts = options.hosts;
  return settings;
}

// How the cluster is set up; scripts alone are also written where there is none.
void ask_cluster(cluster::Settings& settings, bool dry_run) {
  try {
    const auto config = cluster::ask_slurm_config();
    if (config.longest_array == 0) {
      throw cluster::ClusterError(cluster::ClusterError::Kind::unavailable,
                                  "submitting to Slurm: this cluster takes no arrays of jobs "
                                  "(MaxArraySize=0). Ask who runs it, or use --engine parallel");
    }
    settings.shares.longest_array = config.longest_array;
    settings.cluster_requeues = config.requeues_75;
  } catch (const cluster::ClusterError&) {
    if (!dry_run) throw;
  }
}

// A plan is queued once.
bool is_queued(const fs::path& plan) {
  const auto submission = cluster::read_submission(cluster::submission_file(plan));
  if (!submission) return false;
  const auto active = cluster::active_jobs(*submission, cluster::ask_slurm_jobs());
  if (active == 0) return false;
  std::cout << fmt::format(
      "Submitted already: {} of {} jobs are queued or running. latentreel status {} shows them, "
      "latentreel cancel {} takes them back.\n",
      active, submission->jobs.size(), shell_word(plan.string()), shell_word(plan.string()));
  return true;
}

void print_scaling(const cluster::Scaling& scaling, bool costs_known) {
  const char* begin = "  time      ";
  for (const auto& one : scaling.tried) {
    std::cout << fmt::format("{}about {} on {} machine{}, {:.0f} % busy\n", begin,
                             format_duration(one.seconds), one.machines,
                             one.machines == 1 ? "" : "s", one.utilisation * 100);
    begin = "            ";
  }
  std::cout << fmt::format("{}at least {} on any number; more than {} hardly help{}\n", begin,
                           format_duration(scaling.critical_path), scaling.enough,
                           costs_known ? "" : " (all by guesses: the plan has no costs)");
}

void print_shares(const cluster::ClusterPlan& left, const cluster::Shares& shares,
                  const cluster::Settings& settings) {
  const auto some = [](std::size_t count, const char* what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
  };
  std::cout << fmt::format("  to do     {} in {}\n", some(left.tasks.size(), "task"),
                           some(shares.shares.size(), "share"));
  print_scaling(cluster::scaling(left, settings.shares.machines, settings.shares),
                left.costs_known);
  std::cout << fmt::format("  scripts   {}\n", settings.folder.string());
}

// Words that continue what somebody would type.
std::string how_to_run(cluster::Engine engine, const cluster::Settings& settings) {
  if (engine == cluster::Engine::openjd) {
    return fmt::format("openjd run {} --step film --run-dependencies",
                       shell_word((settings.folder / cluster::kTemplate).string()));
  }
  return "sh " + shell_word((settings.folder / cluster::kSubmitScript).string());
}

int hand_over(cluster::Engine engine, const cluster::ClusterPlan& left,
              const cluster::Shares& shares, const cluster::Settings& settings,
              const fs::path& plan) {
  const auto result = cluster::hand_over(engine, left, shares, settings);
  if (!result.submission) return result.code;
  files::write_file(cluster::submission_file(plan), submission_text(*result.submission));
  std::cout << fmt::format("  jobs      {} in {} arrays of Slurm\n", result.submission->jobs.size(),
                           arrays_of(*result.submission).size());
  std::cout << fmt::format("  next      latentreel status {0}, or cancel {0}\n",
                           shell_word(plan.string()));
  return kDone;
}

int submit(const SubmitOptions& options) {
  const auto engine = *cluster::engine_of(options.engine);
  const bool planned = is_plan(options.scene);
  if (planned) expect_nothing_for_a_scene(options);
  const auto plan = planned ? options.scene : plan_of_scene(options);
  const auto all = cluster::read_cluster_plan(plan);
  if (engine == cluster::Engine::slurm && !options.dry_run && is_queued(plan)) return kDone;
  const auto left = cluster::without(all, tasks_done(plan, options));
  if (left.tasks.empty()) {
    std::cout << fmt::format("Nothing is left to do: {} is there.\n", all.film.string());
    return kDone;
  }
  auto settings = settings_of(options, plan);
  if (engine == cluster::Engine::slurm) ask_cluster(settings, options.dry_run);
  const auto shares = cluster::make_shares(left, settings.shares);
  cluster::write_scripts(cluster::scripts_of(engine, left, shares, settings), settings);
  std::cout << fmt::format("{}\n", plan.string());
  print_shares(left, shares, settings);
  if (options.dry_run || engine == cluster::Engine::openjd) {
    std::cout << fmt::format("  next      {}\n", how_to_run(engine, settings));
    return kDone;
  }
  std::cout.flush();
  return hand_over(engine, left, shares, settings, plan);
}

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
  text("--constraint", options.constraint,
       "Of Slurm: what nodes of the plan's kind of machine are called, so that bits are equal");
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
      ->add_option("plan", options->scene,
                   "A plan written by `latentreel plan -o`, or a scene, which is planned first")
      ->required()
      ->type_name("PLAN|SCENE");
  command->add_option("--engine", options->engine, "Who does it")
      ->check(CLI::IsMember(cluster::kEngines))
      ->capture_default_str();
  command->add_flag("--dry-run", options->dry_run, "Write the scripts, hand nothing over");
  command
      ->add_option("-o,--output", options->output,
                   "Where scripts and logs go (default: PLAN.submission, beside the plan)")
      ->check(CLI::Validator(check_output_name, ""))
      ->type_name("DIR");
  add_store_option(*command, *options);
  add_set_option(*command, *options);
  add_machine_options(*command, *options);
  add_share_options(*command, *options);
  add_slurm_options(*command, *options);
  command->footer(
      "Plan, scene, models, store and scripts have to be in folders that all machines see under "
      "the "
      "same names. Slurm takes one array of jobs for all that wait for the same; a job that is "
      "preempted or out of its time goes on where it was, and what waits for a job that failed is "
      "taken back. What is done already is not submitted, and what is queued not a second time.\n"
      "Examples:\n"
      "  latentreel submit dawn.toml --partition gpu --store /shared/store\n"
      "  latentreel submit plan.json --engine parallel --hosts one,two --store /shared/store\n"
      "  latentreel submit plan.json --engine openjd -o deadline\n"
      "  latentreel submit plan.json --dry-run --machines 100");
  command->callback([options, &result] { result = submit(*options); });
}

}  // namespace latentreel::cli
