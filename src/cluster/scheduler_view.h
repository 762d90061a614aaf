#pragma once

#include <string>

#include "src/cluster/slurm_client.h"

namespace latentreel::cluster {

// What the scheduler has of a submission, for a person: how many jobs are in which state, where
// those that run are, and the end of the log of each that failed. Lines with line ends; jobs that
// Slurm has forgotten are counted as such.
//
//   slurm 4 completed, 1 running, 3 pending
//         running  key:3 key:4 on lr1 (job 12_3)
//         failed   seg:4 (job 14_1): reading the scene ... was changed
//           the end of its log, ...
std::string scheduler_view(const Submission& submission, const JobStates& states);

// "4 completed, 1 running, 3 pending"
std::string job_counts(const Submission& submission, const JobStates& states);

// Why a job that failed did, in a sentence: what Slurm did to it, or else what the program said.
std::string why_failed(const JobState& state, const std::vector<std::string>& log);

// The last lines of a file without escapes and other control characters; empty where there is none.
std::vector<std::string> last_lines(const std::filesystem::path& file, std::size_t count);

}  // namespace latentreel::cluster
