#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "src/cli/commands.h"
#include "src/cli/exit_codes.h"
#include "src/cluster/error.h"
#include "src/cluster/slurm_client.h"
#include "src/files/error.h"

namespace latentreel::cli {
namespace {

// What is finished stays in the store; a record of nothing is none.
int cancel(const std::filesystem::path& plan) {
  const auto file = cluster::submission_file(plan);
  const auto submission = cluster::read_submission(file);
  if (!submission) {
    throw cluster::ClusterError(
        cluster::ClusterError::Kind::missing,
        fmt::format("taking back what was submitted of {}: there is no {}. Nothing of this plan is "
                    "queued, or it was submitted under another name",
                    files::quoted(plan.string()), files::quoted(file.string())));
  }
  const auto active = cluster::active_jobs(*submission, cluster::ask_slurm_jobs());
  cluster::cancel_slurm_jobs(*submission);
  std::filesystem::remove(file);
  std::cout << fmt::format(
      "{} of {} jobs taken back. What is done is kept: submit the plan again to "
      "go on.\n",
      active, submission->jobs.size());
  return kDone;
}

}  // namespace

void add_cancel(CLI::App& program, int& result) {
  auto plan = std::make_shared<std::filesystem::path>();
  auto* command = program.add_subcommand("cancel", "Take back what was submitted of a plan");
  command->add_option("plan", *plan, "A plan that was submitted to Slurm")
      ->required()
      ->type_name("PLAN");
  command->footer(
      "What is queued or running is taken back; what is finished, and what keyframes have reached, "
      "stays in the store.\n"
      "Example:\n"
      "  latentreel cancel plan.json");
  command->callback([plan, &result] { result = cancel(*plan); });
}

}  // namespace latentreel::cli
