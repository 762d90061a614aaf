#pragma once

#include <string>

#include "src/cluster/simulate.h"

namespace latentreel::cli {

// What so many machines would gain, for a person; lines with line ends:
//
//   machines     time   busy
//          1   1:00:00  100 %
//          2     31:00   97 %
//          8     12:30   60 %
//   at least 11:50 on any number; more than 8 hardly help
//   7 of 12 tasks' times are guesses
std::string scaling_text(const cluster::ClusterPlan& left, int machines,
                         const cluster::ShareSettings& settings);

}  // namespace latentreel::cli
