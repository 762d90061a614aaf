#pragma once

#include <vector>

#include "src/cluster/settings.h"

namespace latentreel::cluster {

// A plan as calls of GNU parallel, stage by stage, on this machine or by ssh on several. Each stage
// has a joblog: called again, submit.sh goes on with what was not done or failed.
std::vector<Script> parallel_scripts(const ClusterPlan& plan, const Shares& shares,
                                     const Settings& settings);

// A plan as a loop over its shares, one after another; a share that ends with 75 is begun again.
std::vector<Script> local_scripts(const ClusterPlan& plan, const Shares& shares,
                                  const Settings& settings);

}  // namespace latentreel::cluster
