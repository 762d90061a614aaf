#pragma once

#include <string>

#include "src/cluster/settings.h"

namespace latentreel::cluster {

inline constexpr const char* kShareScript = "share.sh";

// What runs one share, by number: `sh share.sh NUMBER`; of an array of Slurm, whose elements are
// counted from 0, `share.sh FIRST`. The program takes the shell's place, so that signals reach it.
// Nothing of a scene is in it: tasks are called by their names in the plan.
std::string share_script(const ClusterPlan& plan, const Shares& shares, const Settings& settings);

// The same as a job of Slurm that begins itself again after exit code 75, for clusters that do not.
std::string requeueing_share_script(const ClusterPlan& plan, const Shares& shares,
                                    const Settings& settings);

}  // namespace latentreel::cluster
