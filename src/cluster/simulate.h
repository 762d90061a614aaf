#pragma once

#include <vector>

#include "src/cluster/shares.h"

namespace latentreel::cluster {

// A plan done by so many equal machines, each taking a share as soon as it is free and there is
// one, the one that most waits for first; queues, copies and failures take no time.
struct Simulation {
  int machines = 0;
  double seconds = 0;      // until the film is there
  double work = 0;         // seconds that all machines have worked in sum, starting included
  double utilisation = 0;  // of the machines, from 0 to 1; 1 where there is nothing to do
  std::vector<double> begins = {};  // when each share does, by its number
};
Simulation simulate(const ClusterPlan& plan, const Shares& shares, int machines);

// The same with shares made for that many machines.
Simulation simulate(const ClusterPlan& plan, int machines, const ShareSettings& settings = {});

// Seconds of the longest way through the plan, task by task, which no number of machines shortens.
double critical_path(const ClusterPlan& plan);

struct Scaling {
  double critical_path = 0;
  std::vector<Simulation> tried = {};  // 1, 2, 4, ... machines and the number asked for, ascending
  // The fewest that take at most a tenth longer than the best; also numbers beyond those asked for
  // are looked at, 1, 2, 4 and so on, up to more than there are tasks.
  int enough = 1;
};
Scaling scaling(const ClusterPlan& plan, int machines, const ShareSettings& settings = {});

}  // namespace latentreel::cluster
