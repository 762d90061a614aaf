#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "src/cluster/shares.h"

namespace latentreel::cluster {

// How a plan is to be handed over. Paths are absolute, and the same on all machines.
struct Settings {
  std::filesystem::path program;          // latentreel
  std::filesystem::path folder;           // where scripts and logs go
  std::filesystem::path store;            // shared by all machines
  std::filesystem::path store_from = {};  // read after it; empty: none
  int cores = 0;                          // of each share; 0: the plan's threads
  int at_once = 0;  // shares at the same time; 0: as many as the machines take
  std::optional<double> memory_bytes = {};  // of each share; by default by its tasks' costs
  std::optional<int> minutes = {};          // a share may take; by default by its tasks' costs
  ShareSettings shares = {};

  // Slurm. Each text is handed to sbatch as it is.
  std::string partition = {};
  std::string account = {};
  std::string constraint = {};          // what the nodes of the plan's kind of machine are called
  std::string gres = {};                // by default one GPU where the plan is made on one
  std::vector<std::string> extra = {};  // whole options: "--qos=night"
  // Whether the cluster runs what ends with 75 again (RequeueExit=75); where it does not, a share
  // asks for that itself.
  bool cluster_requeues = false;

  // GNU parallel.
  std::vector<std::string> hosts = {};  // for ssh; empty: this machine
};

// One of the files that an engine is given.
struct Script {
  std::string name;  // in Settings::folder
  std::string text;
};

// The file of them that hands over all others, by `sh`.
inline constexpr const char* kSubmitScript = "submit.sh";

// How often a share may be begun again before it is given up.
inline constexpr int kMostRestarts = 50;

int cores_of(const ClusterPlan& plan, const Settings& settings);

// Pieces of work that a share does side by side, on the cores that it has.
int jobs_of(const ClusterPlan& plan, const Settings& settings);

// A share's memory with a margin, in MiB, where each piece of work side by side takes as much as
// one alone, which is too much; and the minutes that it may take: several times what is expected,
// as a segment whose time was up starts over.
std::size_t mebibytes_of(const Share& share, const ClusterPlan& plan, const Settings& settings);
int minutes_of(const Share& share, const ClusterPlan& plan, const Settings& settings);

}  // namespace latentreel::cluster
