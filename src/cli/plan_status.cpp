#include "src/cli/plan_status.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/cli/exit_codes.h"
#include "src/cluster/error.h"
#include "src/cluster/scheduler_view.h"

namespace latentreel::cli {
namespace {

using Kind = OpenPlan::Kind;

struct NamedKind {
  Kind kind;
  const char* name;
};
constexpr NamedKind kKinds[] = {{Kind::key, "key"},
                                {Kind::pace, "pace"},
                                {Kind::chain, "chain"},
                                {Kind::segment, "seg"},
                                {Kind::film, "film"}};

// How a submission ended that did not make its film: as the first job that failed did; where none
// did, it was taken back or forgotten, and may be submitted again.
int ended_code(const cluster::Submission& submission, const cluster::JobStates& states) {
  const auto* failed = cluster::first_failed(submission, states);
  if (failed == nullptr) return kTryAgain;
  if (states.at(failed->job).state != "FAILED") return kInternal;  // Slurm ended it
  try {
    return cluster::exit_code_of(*failed).value_or(kInternal);
  } catch (const cluster::ClusterError&) {
    return kInternal;  // it has just been forgotten
  }
}

}  // namespace

const cluster::JobStates* SlurmAnswer::states() {
  if (!asked_) {
    asked_ = true;
    try {
      states_ = cluster::ask_slurm_jobs();
    } catch (const cluster::ClusterError& error) {
      why_not_ = error.what();
    }
  }
  return states_ ? &*states_ : nullptr;
}

PlanStatus::PlanStatus(const std::filesystem::path& plan, const CommonOptions& options)
    : file_(plan), open_(plan, options, quiet_) {}

Look PlanStatus::look(SlurmAnswer& slurm) {
  Look look;
  add_files(look);
  add_slurm(look, slurm);
  return look;
}

PlanStatus::Count PlanStatus::count(Kind kind) {
  Count count;
  for (const auto* task : open_.tasks(kind)) {
    ++count.all;
    if (open_.done(*task)) {
      ++count.done;
    } else {
      count.missing += " " + task->name();
    }
  }
  return count;
}

void PlanStatus::add_files(Look& look) {
  for (const auto& [kind, name] : kKinds) {
    const auto here = count(kind);
    const bool always = kind == Kind::segment || kind == Kind::film;
    if (here.all == 0 && !always) continue;
    look.text += fmt::format("{:<5} {}/{}{}{}\n", name, here.done, here.all,
                             here.missing.empty() ? "" : "  to do:", here.missing);
    look.line +=
        fmt::format("{}{} {}/{}", look.line.empty() ? "" : ", ", name, here.done, here.all);
    if (kind != Kind::film) continue;
    look.state = here.missing.empty() ? Look::State::done : Look::State::going_on;
    look.code = here.missing.empty() ? kDone : kTryAgain;
  }
}

// Files alone tell what is done: where the scheduler does not answer, only that is said.
void PlanStatus::add_slurm(Look& look, SlurmAnswer& slurm) {
  const auto submission = cluster::read_submission(cluster::submission_file(file_));
  if (!submission) {
    look.line += "; no jobs of Slurm are known";
    return;
  }
  const auto* states = slurm.states();
  if (states == nullptr) {
    look.text += fmt::format("slurm unknown: {}\n", slurm.why_not());
    look.line += "; slurm unknown";
    return;
  }
  look.text += cluster::scheduler_view(*submission, *states);
  look.line += "; slurm " + cluster::job_counts(*submission, *states);
  if (look.state == Look::State::done || cluster::active_jobs(*submission, *states) > 0) return;
  look.state = Look::State::failed;
  look.code = ended_code(*submission, *states);
}

}  // namespace latentreel::cli
