#pragma once

#include <vector>

#include "src/cluster/settings.h"

namespace latentreel::cluster {

// A plan as a job template of Open Job Description (2023-09), for AWS Deadline Cloud and whoever
// else reads it: template.json. A step for each stage; `openjd run` does one here:
//   openjd run template.json --step film --run-dependencies
// Its paths are parameters, but plain texts: a plan's own paths are the same on all machines too.
std::vector<Script> openjd_scripts(const ClusterPlan& plan, const Shares& shares,
                                   const Settings& settings);

inline constexpr const char* kTemplate = "template.json";

}  // namespace latentreel::cluster
