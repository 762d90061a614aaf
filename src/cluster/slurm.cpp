#include "src/cluster/slurm.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "src/cluster/error.h"
#include "src/cluster/share_script.h"
#include "src/cluster/shell_text.h"

namespace latentreel::cluster {
namespace {

// What all jobs share. `--open-mode`: a run that goes on writes behind the one before.
std::string common_slurm_options(const ClusterPlan& plan, const Settings& settings) {
  std::vector<std::string> options = {"--parsable",
                                      "--requeue",
                                      "--kill-on-invalid-dep=yes",
                                      "--signal=B:TERM@60",
                                      "--open-mode=append",
                                      "--output=logs/%x.%A_%a.log",
                                      "--chdir=" + settings.folder.string(),
                                      "--nodes=1",
                                      "--ntasks=1",
                                      fmt::format("--cpus-per-task={}", cores_of(plan, settings))};
  if (!settings.gres.empty()) {
    options.push_back("--gres=" + settings.gres);
  } else if (plan.on_gpu()) {
    options.push_back("--gres=gpu:1");
  }
  if (!settings.partition.empty()) options.push_back("--partition=" + settings.partition);
  if (!settings.account.empty()) options.push_back("--account=" + settings.account);
  if (!settings.constraint.empty() && !plan.mixed)
    options.push_back("--constraint=" + settings.constraint);
  options.insert(options.end(), settings.extra.begin(), settings.extra.end());
  std::string text;
  for (const auto& option : options) text += fmt::format("    {} \\\n", shell_quoted(option));
  return text;
}

// "afterok:${job_0}_0:${job_1}_4". Elements are named one by one, also where all of an array are
// needed: Slurm takes an array for failed as soon as one of its elements has ended with 75,
// although that is begun again.
std::string dependency(const ShareArray& array, const Shares& shares) {
  std::string text;
  std::size_t a = 0;
  for (const auto need : shares.shares[array.first].needs) {
    while (need >= shares.arrays[a].first + shares.arrays[a].count) ++a;
    text += fmt::format(":${{job_{}}}_{}", a, need - shares.arrays[a].first);
  }
  return text.empty() ? text : "afterok" + text;
}

// Of a mixed plan: what only the plan's own kind of machine may do goes to its nodes.
std::string place_of(const Share& share, const ClusterPlan& plan, const Settings& settings) {
  const bool anywhere = share.kind == TaskKind::segment || share.kind == TaskKind::film;
  if (!plan.mixed || anywhere || settings.constraint.empty()) return {};
  return " " + shell_quoted("--constraint=" + settings.constraint);
}

// The array's jobs are alike in what they ask for: as much as the largest of them.
Share largest_of(const ShareArray& array, const Shares& shares) {
  auto largest = shares.shares[array.first];
  for (auto i = array.first; i < array.first + array.count; ++i) {
    largest.seconds = std::max(largest.seconds, shares.shares[i].seconds);
    largest.bytes = std::max(largest.bytes, shares.shares[i].bytes);
  }
  return largest;
}

std::string hand_over(std::size_t index, const ClusterPlan& plan, const Shares& shares,
                      const Settings& settings) {
  const auto& array = shares.arrays[index];
  const auto largest = largest_of(array, shares);
  const auto limit = settings.at_once > 0 ? fmt::format("%{}", settings.at_once) : std::string();
  const auto waits_for = dependency(array, shares);
  return fmt::format(
      "hand {} --job-name=latentreel-{} --array=0-{}{} --time={} --mem={}M{}{} {} {}\n"
      "job_{}=$job\n",
      index, name_of(largest.kind), array.count - 1, limit, minutes_of(largest, plan, settings),
      mebibytes_of(largest, plan, settings), place_of(largest, plan, settings),
      waits_for.empty() ? "" : fmt::format(" \"--dependency={}\"", waits_for), kShareScript,
      array.first, index);
}

std::string submit_script(const ClusterPlan& plan, const Shares& shares, const Settings& settings) {
  auto text = fmt::format(
      "#!/bin/sh\n"
      "# Hands a plan's shares to Slurm. Written by latentreel submit.\n"
      "set -eu\n"
      "cd -- {}\n"
      "mkdir -p logs\n"
      "\n"
      "# All or nothing: what Slurm has taken is taken back if it refuses the rest.\n"
      "jobs=\n"
      "done=\n"
      "take_back() {{\n"
      "  code=$?\n"
      "  # shellcheck disable=SC2086 # several numbers\n"
      "  if [ -z \"$done\" ] && [ -n \"$jobs\" ]; then scancel $jobs || true; fi\n"
      "  exit \"$code\"\n"
      "}}\n"
      "trap take_back EXIT\n"
      "trap 'exit 130' INT\n"
      "trap 'exit 143' TERM\n"
      "\n"
      "hand() {{ # ARRAY OPTION...: says which job the array has become\n"
      "  array=$1\n"
      "  shift\n"
      "  job=$(sbatch \\\n"
      "{}"
      "    \"$@\")\n"
      "  job=${{job%%;*}} # the cluster's name, where there are several\n"
      "  jobs=\"$jobs $job\"\n"
      "  echo \"$array $job\"\n"
      "}}\n"
      "\n",
      shell_quoted(settings.folder.string()), common_slurm_options(plan, settings));
  for (std::size_t i = 0; i < shares.arrays.size(); ++i) {
    text += hand_over(i, plan, shares, settings);
  }
  return text + "done=yes\n";
}

// What a job waits for is one argument of sbatch, of at most 128 KiB.
void expect_few(std::size_t needs) {
  constexpr std::size_t kMostNeeds = 6000;
  if (needs <= kMostNeeds) return;
  throw ClusterError(
      ClusterError::Kind::unavailable,
      fmt::format("writing jobs for Slurm: one would have to wait for {} others, and "
                  "sbatch takes about {}. Let shares be longer (--share 1h), or say "
                  "that there are fewer --machines",
                  needs, kMostNeeds));
}

// "75", "70-80" or both of a list.
bool holds_75(std::string list) {
  for (auto& c : list) {
    if (c == ',') c = ' ';
  }
  std::istringstream parts(list);
  for (std::string part; parts >> part;) {
    int first = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), first);
    if (error != std::errc()) continue;  // "(null)"
    int last = first;
    if (*end == '-') std::from_chars(end + 1, part.data() + part.size(), last);
    if (first <= 75 && 75 <= last) return true;
  }
  return false;
}

}  // namespace

std::vector<Script> slurm_scripts(const ClusterPlan& plan, const Shares& shares,
                                  const Settings& settings) {
  if (shares.shares.empty()) return {};
  for (const auto& one : shares.shares) expect_few(one.needs.size());
  const auto share = settings.cluster_requeues ? share_script(plan, shares, settings)
                                               : requeueing_share_script(plan, shares, settings);
  return {{kShareScript, share}, {kSubmitScript, submit_script(plan, shares, settings)}};
}

SlurmConfig parse_slurm_config(const std::string& text) {
  SlurmConfig config;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto equals = line.find('=');
    if (equals == std::string::npos) continue;
    std::string key, value = line.substr(equals + 1);
    std::istringstream(line.substr(0, equals)) >> key;
    if (key == "MaxArraySize") {
      std::istringstream(value) >> config.longest_array;
    } else if (key == "RequeueExit") {
      config.requeues_75 = holds_75(value);
    }
  }
  return config;
}

}  // namespace latentreel::cluster
