#pragma once

#include <cstddef>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

// A plan's file as schedulers need it: names, what needs what, and what each task takes. This room
// sees no LibTorch, so that it can be tested, and plans be handed over, where no film can be made.

namespace latentreel::cluster {

// In the order in which a film needs them: a task needs tasks of its own kind and of earlier ones.
enum class TaskKind { key, pace, chain, segment, film };

std::string name_of(TaskKind kind);  // "key", "pace", "chain", "seg", "film"

struct ClusterTask {
  std::string name = {};  // "seg:7"
  TaskKind kind = TaskKind::film;
  std::vector<std::size_t> needs = {};  // positions in the plan's tasks, all before this one
  std::vector<std::string> reads = {};  // names of all that it needs, also of what is done already
  double seconds = 0;                   // of work, models loaded
  double bytes = 0;                     // of memory at the most, models included
  bool guessed = false;                 // both, as the plan does not say
};

struct ClusterPlan {
  std::filesystem::path file = {};  // absolute
  std::filesystem::path film = {};
  std::string device = "cpu";  // "cpu", "cuda", "cuda:1"
  std::string machine = {};    // the kind whose bits the plan promises
  int threads = 1;             // of each piece of work
  bool mixed = false;          // segments and film may be made on other kinds
  double start_seconds = 0;    // until a process has its models and knows the plan
  std::vector<ClusterTask> tasks = {};

  std::size_t guessed() const;  // how many tasks' costs are
  bool on_gpu() const { return device.starts_with("cuda"); }
};

// What a task takes where its plan does not say: guesses, on the safe side for the bundled pair and
// within a factor of ten for large models on a GPU.
struct DefaultCost {
  static constexpr double kStart = 15;        // seconds
  static constexpr double kKey = 120;         // seconds
  static constexpr double kPace = 20;         // seconds
  static constexpr double kChainFrame = 5;    // seconds a frame of a chain
  static constexpr double kFrame = 0.25;      // seconds a frame of a segment
  static constexpr double kFilm = 10;         // seconds
  static constexpr double kFilmFrame = 0.01;  // seconds a frame of the film
  static constexpr double kBytes = 2.0 * (1u << 30);
};

// Reads a plan's file as `latentreel plan -o` writes it (src/plan/plan_file.h). Costs are optional:
// of the plan "cost": {"start_seconds"}, of a task "cost": {"seconds", "bytes"}. Throws
// ClusterError: missing, or plan for a file that is none.
ClusterPlan read_cluster_plan(const std::filesystem::path& file);

// The same from its text; `file` is what it is called.
ClusterPlan parse_cluster_plan(const std::string& text, const std::filesystem::path& file);

// What is left to do once the tasks with these names are done.
ClusterPlan without(const ClusterPlan& plan, const std::set<std::string>& done);

}  // namespace latentreel::cluster
