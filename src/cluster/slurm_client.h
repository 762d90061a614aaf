#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/cluster/slurm.h"
#include "src/cluster/submission.h"

// Slurm, asked by its own programs.

namespace latentreel::cluster {

// Throws ClusterError (unavailable) where Slurm is not there or does not answer.
SlurmConfig ask_slurm_config();

// A job as squeue tells of it.
struct JobState {
  std::string state = {};   // "RUNNING"
  std::string node = {};    // empty before it runs
  std::string reason = {};  // why it waits, or ended
};

// By the names that a submission has for its jobs; jobs that Slurm has forgotten are not in it,
// which it does some minutes after their end. Throws as above.
using JobStates = std::map<std::string, JobState>;
JobStates ask_slurm_jobs();

// Lines "JOB|STATE|NODE|REASON".
JobStates parse_slurm_jobs(const std::string& text);

// Whether it waits or runs, or will again.
bool is_active(const JobState& state);

// Whether it ended otherwise than well, and was not merely taken back.
bool has_failed(const JobState& state);

// The first job of a submission that has, or null.
const SubmittedJob* first_failed(const Submission& submission, const JobStates& states);

// The exit code of a job's program, 128 and the signal's number where one ended it; nothing where
// Slurm does not know it any more. Throws as above.
std::optional<int> exit_code_of(const SubmittedJob& job);
std::optional<int> parse_exit_code(const std::string& text);  // of `scontrol show job`

// How many jobs of a submission do.
std::size_t active_jobs(const Submission& submission, const JobStates& states);

// Takes back all jobs of a submission that have not ended. Throws as above.
void cancel_slurm_jobs(const Submission& submission);

// What a job's program wrote, as share.sh was told to keep it.
std::filesystem::path slurm_log(const Submission& submission, const SubmittedJob& job);

}  // namespace latentreel::cluster
