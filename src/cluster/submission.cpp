#include "src/cluster/submission.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "src/cluster/error.h"
#include "src/files/error.h"

namespace latentreel::cluster {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

constexpr const char* kSubmissionFormat = "latentreel submission 1";

[[noreturn]] void refuse_record(const fs::path& file, const std::string& problem) {
  throw ClusterError(
      ClusterError::Kind::plan,
      fmt::format("reading what was submitted, {}: {}. Remove the file if nothing of "
                  "it is queued any more",
                  files::quoted(file.string()), problem));
}

bool is_number(const std::string& text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "123_4": it becomes an argument of scancel and squeue.
bool is_job(const std::string& text) {
  const auto line = text.find('_');
  if (line == std::string::npos) return is_number(text);
  return is_number(text.substr(0, line)) && is_number(text.substr(line + 1));
}

}  // namespace

fs::path submission_file(const fs::path& plan) {
  auto file = plan;
  return file.replace_extension(".submission.json");
}

std::string submission_text(const Submission& submission) {
  ordered_json text = {{"format", kSubmissionFormat},
                       {"engine", submission.engine},
                       {"folder", submission.folder.string()},
                       {"jobs", ordered_json::array()}};
  for (const auto& job : submission.jobs) {
    text["jobs"].push_back({{"job", job.job}, {"tasks", job.tasks}});
  }
  return text.dump(1) + "\n";
}

std::optional<Submission> read_submission(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error)) return std::nullopt;
  std::ifstream in(file, std::ios::binary);
  const auto text = ordered_json::parse(in, nullptr, false);
  if (!text.is_object() || text.value("format", std::string()) != kSubmissionFormat) {
    refuse_record(file, "it is no record of this version of latentreel");
  }
  try {
    Submission submission;
    submission.engine = text.at("engine").get<std::string>();
    submission.folder = text.at("folder").get<std::string>();
    for (const auto& entry : text.at("jobs")) {
      submission.jobs.push_back(
          {entry.at("job").get<std::string>(), entry.at("tasks").get<std::vector<std::string>>()});
      if (!is_job(submission.jobs.back().job)) refuse_record(file, "it names a job that is none");
    }
    return submission;
  } catch (const ordered_json::exception&) {
    refuse_record(file, "something is missing in it");
  }
}

Submission slurm_submission(const std::string& printed, const ClusterPlan& plan,
                            const Shares& shares, const Settings& settings) {
  std::map<std::size_t, std::string> job_of;
  std::istringstream lines(printed);
  std::size_t array = 0;
  for (std::string job; lines >> array >> job;) job_of[array] = job;
  Submission submission{.engine = "slurm", .folder = settings.folder};
  for (std::size_t a = 0; a < shares.arrays.size(); ++a) {
    if (!is_number(job_of[a])) {
      throw ClusterError(ClusterError::Kind::unavailable,
                         fmt::format("submitting to Slurm: sbatch did not say which job array {} "
                                     "is. Look for it with squeue --me, and try again",
                                     a));
    }
    for (std::size_t i = 0; i < shares.arrays[a].count; ++i) {
      SubmittedJob job{.job = fmt::format("{}_{}", job_of[a], i)};
      for (const auto task : shares.shares[shares.arrays[a].first + i].tasks) {
        job.tasks.push_back(plan.tasks[task].name);
      }
      submission.jobs.push_back(std::move(job));
    }
  }
  return submission;
}

std::vector<std::string> arrays_of(const Submission& submission) {
  std::vector<std::string> arrays;
  for (const auto& job : submission.jobs) {
    auto array = job.job.substr(0, job.job.find('_'));
    if (arrays.empty() || arrays.back() != array) arrays.push_back(std::move(array));
  }
  return arrays;
}

}  // namespace latentreel::cluster
