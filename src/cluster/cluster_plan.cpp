#include "src/cluster/cluster_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "src/cluster/error.h"
#include "src/files/error.h"

namespace latentreel::cluster {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kPlanFormat = "latentreel plan 1";
constexpr std::uintmax_t kLargestPlan = 256 << 20;  // bytes, as in src/plan

[[noreturn]] void refuse_plan(const fs::path& file, const std::string& problem,
                              ClusterError::Kind kind = ClusterError::Kind::plan) {
  throw ClusterError(kind,
                     fmt::format("reading the plan {}: {}. Make it again: latentreel plan SCENE -o "
                                 "PLAN",
                                 files::quoted(file.string()), problem));
}

// Task names reach shells, so they are what this program writes and nothing else: "film" or
// KIND:NUMBER.
std::optional<TaskKind> kind_of(const std::string& name) {
  if (name == "film") return TaskKind::film;
  for (const auto kind : {TaskKind::key, TaskKind::pace, TaskKind::chain, TaskKind::segment}) {
    const auto begin = name_of(kind) + ":";
    if (!name.starts_with(begin) || name.size() == begin.size() || name.size() > 32) continue;
    if (std::all_of(name.begin() + static_cast<std::ptrdiff_t>(begin.size()), name.end(),
                    [](char c) { return c >= '0' && c <= '9'; })) {
      return kind;
    }
  }
  return std::nullopt;
}

double default_seconds(const ClusterTask& task, double task_frames, double film_frames) {
  switch (task.kind) {
    case TaskKind::key:
      return DefaultCost::kKey;
    case TaskKind::pace:
      return DefaultCost::kPace;
    case TaskKind::chain:
      return DefaultCost::kChainFrame * task_frames;
    case TaskKind::segment:
      return DefaultCost::kFrame * task_frames;
    case TaskKind::film:
      break;
  }
  return DefaultCost::kFilm + DefaultCost::kFilmFrame * film_frames;
}

double cost_of(const json& entry, const char* what, double otherwise) {
  if (!entry.contains("cost")) return otherwise;
  const auto value = entry["cost"].value(what, otherwise);
  return std::isfinite(value) && value >= 0 ? value : otherwise;
}

double frames_of(const json& entry) {
  if (!entry.contains("frames")) return 0;
  return entry.at("frames").at(1).get<double>() - entry.at("frames").at(0).get<double>();
}

class TaskReader {
 public:
  TaskReader(const fs::path& file, double film_frames) : file_(file), film_frames_(film_frames) {}

  void read(const json& entry) {
    ClusterTask task;
    task.name = entry.at("name").get<std::string>();
    const auto kind = kind_of(task.name);
    if (!kind) refuse_plan(file_, fmt::format("{} is no task", files::quoted(task.name)));
    task.kind = *kind;
    for (const auto& need : entry.at("needs")) add_need(task, need.get<std::string>());
    task.seconds = cost_of(entry, "seconds", default_seconds(task, frames_of(entry), film_frames_));
    task.bytes = cost_of(entry, "bytes", DefaultCost::kBytes);
    task.guessed = !entry.contains("cost");
    if (!positions_.emplace(task.name, tasks_.size()).second) {
      refuse_plan(file_, fmt::format("the task {} is in it twice", task.name));
    }
    tasks_.push_back(std::move(task));
  }

  std::vector<ClusterTask> tasks() && { return std::move(tasks_); }

 private:
  void add_need(ClusterTask& task, const std::string& name) const {
    const auto found = positions_.find(name);
    if (found == positions_.end()) {
      refuse_plan(file_, fmt::format("the task {} needs {}, which does not come before it",
                                     task.name, files::quoted(name)));
    }
    if (tasks_[found->second].kind > task.kind) {
      refuse_plan(file_, fmt::format("the task {} needs {}, of a later kind", task.name, name));
    }
    task.needs.push_back(found->second);
    task.reads.push_back(name);
  }

  const fs::path& file_;
  double film_frames_;
  std::vector<ClusterTask> tasks_;
  std::map<std::string, std::size_t> positions_;
};

ClusterPlan plan_of(const json& text, const fs::path& file) {
  ClusterPlan plan;
  plan.file = fs::absolute(file).lexically_normal();
  plan.film = text.at("film").get<std::string>();
  const auto& machine = text.at("machine");
  plan.device = machine.at("device").get<std::string>();
  plan.machine = machine.at("kind").get<std::string>();
  plan.mixed = machine.value("mixed", false);
  plan.threads = std::max(machine.at("threads").get<int>(), 1);
  plan.start_seconds = cost_of(text, "start_seconds", DefaultCost::kStart);
  TaskReader reader(file, text.at("frames").get<double>());
  for (const auto& entry : text.at("tasks")) reader.read(entry);
  plan.tasks = std::move(reader).tasks();
  return plan;
}

}  // namespace

std::string name_of(TaskKind kind) {
  switch (kind) {
    case TaskKind::key:
      return "key";
    case TaskKind::pace:
      return "pace";
    case TaskKind::chain:
      return "chain";
    case TaskKind::segment:
      return "seg";
    case TaskKind::film:
      break;
  }
  return "film";
}

std::size_t ClusterPlan::guessed() const {
  return static_cast<std::size_t>(
      std::count_if(tasks.begin(), tasks.end(), [](const auto& task) { return task.guessed; }));
}

ClusterPlan parse_cluster_plan(const std::string& text, const fs::path& file) {
  const auto parsed = json::parse(text, nullptr, false);
  if (!parsed.is_object() || !parsed.contains("format")) {
    refuse_plan(file, "it is not a plan of latentreel");
  }
  if (parsed["format"] != kPlanFormat) {
    refuse_plan(file, "it was written by another version of latentreel");
  }
  try {
    return plan_of(parsed, file);
  } catch (const json::exception&) {
    refuse_plan(file, "something is missing in it");
  }
}

ClusterPlan read_cluster_plan(const fs::path& file) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (error) refuse_plan(file, error.message(), ClusterError::Kind::missing);
  if (size > kLargestPlan) refuse_plan(file, "it is too large to be a plan");
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return parse_cluster_plan(text, file);
}

ClusterPlan without(const ClusterPlan& plan, const std::set<std::string>& done) {
  auto left = plan;
  left.tasks.clear();
  constexpr auto kDoneAlready = static_cast<std::size_t>(-1);
  std::vector<std::size_t> moved_to(plan.tasks.size(), kDoneAlready);
  for (std::size_t i = 0; i < plan.tasks.size(); ++i) {
    if (done.count(plan.tasks[i].name) != 0) continue;
    auto task = plan.tasks[i];
    task.needs.clear();
    for (const auto need : plan.tasks[i].needs) {
      if (moved_to[need] != kDoneAlready) task.needs.push_back(moved_to[need]);
    }
    moved_to[i] = left.tasks.size();
    left.tasks.push_back(std::move(task));
  }
  return left;
}

}  // namespace latentreel::cluster
