#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "src/cluster/settings.h"

namespace latentreel::cluster {

// What was handed to a scheduler, as a file beside the plan (plan.json: plan.submission.json) that
// status and cancel read: JSON, one object.
//
//   "format"  "latentreel submission 1"
//   "engine"  "slurm"
//   "folder"  where scripts and logs are
//   "jobs"    [{"job": "123_0", "tasks": ["key:0", "key:1"]}, ...]
struct SubmittedJob {
  std::string job = {};  // as the scheduler calls it
  std::vector<std::string> tasks = {};

  friend bool operator==(const SubmittedJob&, const SubmittedJob&) = default;
};

struct Submission {
  std::string engine = {};
  std::filesystem::path folder = {};
  std::vector<SubmittedJob> jobs = {};
};

std::filesystem::path submission_file(const std::filesystem::path& plan);

std::string submission_text(const Submission& submission);

// Nothing where there is none. Throws ClusterError (plan) for a file that is none of this version.
std::optional<Submission> read_submission(const std::filesystem::path& file);

// Of what Slurm has taken, by what submit.sh printed: lines "ARRAY JOB". Throws ClusterError
// (unavailable) where a line or an array is missing.
Submission slurm_submission(const std::string& printed, const ClusterPlan& plan,
                            const Shares& shares, const Settings& settings);

// The arrays of a submission, each once: "123" of "123_0" and "123_1".
std::vector<std::string> arrays_of(const Submission& submission);

}  // namespace latentreel::cluster
