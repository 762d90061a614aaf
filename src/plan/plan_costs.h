#pragma once

#include <map>
#include <string>

namespace latentreel::render {

// What one task takes.
struct TaskCost {
  double seconds = 0;  // of work, models loaded
  double bytes = 0;    // of the host's memory at the most, models included
};
using TaskCosts = std::map<std::string, TaskCost>;  // by the task's name

// What is known of a plan's costs. They differ from one measurement to the next: no hash may hold
// them, and plans that differ in nothing else are the same.
struct PlanCosts {
  double start_seconds = 0;  // until a process has its models and knows the plan
  TaskCosts tasks = {};      // of those that were not done; nothing is known of the others
};

}  // namespace latentreel::render
