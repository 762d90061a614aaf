#pragma once

#include <string>
#include <vector>

#include "src/cluster/settings.h"

namespace latentreel::cluster {

// A plan as jobs of Slurm: an array for all shares that need the same, each waiting for just the
// jobs that it needs (afterok), taken back if one of those fails, and begun again after 75.
// submit.sh prints a line "ARRAY JOB" for each array that Slurm has taken; if one is refused, it
// takes back those before. Empty where nothing is left to do. Throws ClusterError (unavailable)
// where a job would wait for more others than Slurm can be told.
std::vector<Script> slurm_scripts(const ClusterPlan& plan, const Shares& shares,
                                  const Settings& settings);

// What `scontrol show config` says.
struct SlurmConfig {
  std::size_t longest_array = 1000;  // MaxArraySize; 0: the cluster has no arrays
  bool requeues_75 = false;          // RequeueExit holds 75
};
SlurmConfig parse_slurm_config(const std::string& text);

}  // namespace latentreel::cluster
