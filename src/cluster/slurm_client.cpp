#include "src/cluster/slurm_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <string_view>

#include "src/cluster/error.h"
#include "src/cluster/program_call.h"

namespace latentreel::cluster {
namespace {

// Its standard output, where it has ended well.
std::string ask(const std::vector<std::string>& arguments, const char* doing) {
  const auto result = call_program(arguments);
  if (result.code == 0) return result.out;
  throw ClusterError(ClusterError::Kind::unavailable,
                     fmt::format("{}: {} ended with exit code {}. Its own message is above; try "
                                 "again when the cluster answers",
                                 doing, arguments.front(), result.code));
}

}  // namespace

SlurmConfig ask_slurm_config() {
  return parse_slurm_config(
      ask({"scontrol", "show", "config"}, "asking Slurm for its configuration"));
}

JobStates ask_slurm_jobs() {
  return parse_slurm_jobs(
      ask({"squeue", "--me", "--noheader", "--array", "--states=all", "--format=%i|%T|%N|%r"},
          "asking Slurm for its jobs"));
}

JobStates parse_slurm_jobs(const std::string& text) {
  JobStates states;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::array<std::string, 4> parts;
    std::istringstream fields(line);
    for (auto& part : parts) std::getline(fields, part, '|');
    if (!parts[1].empty()) states[parts[0]] = {parts[1], parts[2], parts[3]};
  }
  return states;
}

bool is_active(const JobState& state) {
  constexpr std::array kEnds = {"BOOT_FAIL", "CANCELLED",     "COMPLETED", "DEADLINE", "FAILED",
                                "NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED", "REVOKED",  "TIMEOUT"};
  return std::find(kEnds.begin(), kEnds.end(), state.state) == kEnds.end();
}

bool has_failed(const JobState& state) {
  return !is_active(state) && state.state != "COMPLETED" && state.state != "CANCELLED";
}

const SubmittedJob* first_failed(const Submission& submission, const JobStates& states) {
  for (const auto& job : submission.jobs) {
    const auto found = states.find(job.job);
    if (found != states.end() && has_failed(found->second)) return &job;
  }
  return nullptr;
}

std::optional<int> exit_code_of(const SubmittedJob& job) {
  return parse_exit_code(
      ask({"scontrol", "show", "job", "--oneliner", job.job}, "asking Slurm how a job ended"));
}

// "... ExitCode=65:0 ...": code and signal.
std::optional<int> parse_exit_code(const std::string& text) {
  constexpr std::string_view kName = " ExitCode=";
  const auto place = text.find(kName);
  if (place == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(place + kName.size()));
  int code = 0, signal = 0;
  char colon = 0;
  if (!(fields >> code >> colon >> signal)) return std::nullopt;
  constexpr int kSignals = 64;  // Slurm has numbers of its own above: 125 is out of memory
  if (code != 0) return code;
  if (signal == 0 || signal > kSignals) return std::nullopt;  // it did not end by itself
  return 128 + signal;
}

std::size_t active_jobs(const Submission& submission, const JobStates& states) {
  return static_cast<std::size_t>(
      std::count_if(submission.jobs.begin(), submission.jobs.end(), [&](const auto& job) {
        const auto found = states.find(job.job);
        return found != states.end() && is_active(found->second);
      }));
}

void cancel_slurm_jobs(const Submission& submission) {
  std::vector<std::string> call = {"scancel"};
  const auto arrays = arrays_of(submission);
  call.insert(call.end(), arrays.begin(), arrays.end());
  ask(call, "taking jobs back from Slurm");
}

std::filesystem::path slurm_log(const Submission& submission, const SubmittedJob& job) {
  const auto& task = job.tasks.front();
  return submission.folder / "logs" /
         fmt::format("latentreel-{}.{}.log", task.substr(0, task.find(':')), job.job);
}

}  // namespace latentreel::cluster
