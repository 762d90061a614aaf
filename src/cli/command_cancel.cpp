#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>

#include "scenes/manifest.h"
#include "src/cli/album.h"
#include "src/cli/commands.h"
#include "src/cli/exit_codes.h"
#include "src/cluster/error.h"
#include "src/cluster/slurm_client.h"
#include "src/files/error.h"

namespace latentreel::cli {
namespace {

namespace fs = std::filesystem;

struct TakenBack {
  std::size_t active = 0, all = 0;  // jobs
};

// What is finished stays in the store; a record of nothing is none. Nothing where nothing was
// submitted.
std::optional<TakenBack> take_back(const fs::path& plan) {
  const auto file = cluster::submission_file(plan);
  const auto submission = cluster::read_submission(file);
  if (!submission) return std::nullopt;
  const auto active = cluster::active_jobs(*submission, cluster::ask_slurm_jobs());
  cluster::cancel_slurm_jobs(*submission);
  fs::remove(file);
  return TakenBack{active, submission->jobs.size()};
}

int tell_taken_back(const TakenBack& jobs, const char* what) {
  std::cout << fmt::format(
      "{} of {} jobs taken back. What is done is kept: submit the {} again to go on.\n",
      jobs.active, jobs.all, what);
  return kDone;
}

int cancel_plan(const fs::path& plan) {
  if (const auto jobs = take_back(plan)) return tell_taken_back(*jobs, "plan");
  throw cluster::ClusterError(
      cluster::ClusterError::Kind::missing,
      fmt::format("taking back what was submitted of {}: there is no {}. Nothing of this plan is "
                  "queued, or it was submitted under another name",
                  files::quoted(plan.string()),
                  files::quoted(cluster::submission_file(plan).string())));
}

// The album's record goes last: until then, the same call goes on where it ended.
int cancel_album(const fs::path& album) {
  TakenBack sum;
  for (const auto& film : submitted_album(album)) {
    const auto jobs = take_back(film.plan).value_or(TakenBack());
    sum.active += jobs.active;
    sum.all += jobs.all;
  }
  fs::remove(cluster::album_file(album));
  return tell_taken_back(sum, "album");
}

}  // namespace

void add_cancel(CLI::App& program, int& result) {
  auto plan = std::make_shared<fs::path>();
  auto* command =
      program.add_subcommand("cancel", "Take back what was submitted of a plan or an album");
  command->add_option("plan", *plan, "A plan or an album that was submitted to Slurm")
      ->required()
      ->type_name("PLAN|ALBUM");
  command->footer(
      "What is queued or running is taken back; what is finished, and what keyframes have reached, "
      "stays in the store.\n"
      "Example:\n"
      "  latentreel cancel plan.json");
  command->callback([plan, &result] {
    result = scenes::is_manifest(*plan) ? cancel_album(*plan) : cancel_plan(*plan);
  });
}

}  // namespace latentreel::cli
