#pragma once

#include <cstddef>
#include <vector>

#include "src/cluster/cluster_plan.h"

// How a plan is cut into what a scheduler sees: shares, each some tasks that one process does, so
// that models are loaded once for minutes of work.

namespace latentreel::cluster {

// Tasks of one kind that one process does one after another.
struct Share {
  TaskKind kind = TaskKind::film;
  std::vector<std::size_t> tasks = {};  // positions in the plan, in an order they can be done in
  // Shares that have to be done before, by number, each once, in order; all smaller than its own.
  // One that another of them needs itself is left out.
  std::vector<std::size_t> needs = {};
  double seconds = 0;  // of work; starting comes on top
  double bytes = 0;    // of memory at the most
};

// Shares that follow one another in number and need the same: an array of jobs.
struct ShareArray {
  std::size_t first = 0;
  std::size_t count = 0;
};

struct ShareSettings {
  double seconds = 600;  // of work that a share may grow to; a larger task is one alone
  // That should all have something to do, as far as a share is worth starting a process for.
  int machines = 16;
  std::size_t longest_array = 1000;  // > 0
};

struct Shares {
  std::vector<Share> shares = {};
  std::vector<ShareArray> arrays = {};  // together all shares, in order
};

// Every task of the plan is in one share. Tasks that need one another go together as far as a share
// may grow; tasks that do not never wait for one another.
Shares make_shares(const ClusterPlan& plan, const ShareSettings& settings = {});

// Shares that can be done at the same time once those of all stages before are done, for whoever
// knows only steps.
struct Stage {
  TaskKind kind = TaskKind::film;
  std::vector<std::size_t> shares = {};
};
std::vector<Stage> stages_of(const Shares& shares);

// "key:0 key:1"
std::string names_of(const Share& share, const ClusterPlan& plan);

// The same behind the tasks whose outputs it reads: they are done, and looked at by name alone.
// Only where one turns out to be damaged, and was removed, is it made again, when the share is
// begun again.
std::string names_with_needs(const Share& share, const ClusterPlan& plan);

}  // namespace latentreel::cluster
