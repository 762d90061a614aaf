#include "src/cluster/openjd.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace latentreel::cluster {
namespace {

using nlohmann::ordered_json;

// Of the specification: values of a list.
constexpr std::size_t kLongestList = 1024;

ordered_json text_parameter(const char* name, const std::filesystem::path& path,
                            const char* description) {
  return {
      {"name", name}, {"type", "STRING"}, {"default", path.string()}, {"description", description}};
}

// The names of a share's tasks are the last argument, which the shell takes apart: they are
// letters, digits and colons alone.
ordered_json run_action(int jobs, int minutes, bool has_store_from) {
  ordered_json action = {{"command", "sh"}};
  action["args"] = {
      "-c",
      fmt::format("exec \"$0\" task \"$1\" $3 --store \"$2\"{} --jobs {} --on-term retry",
                  has_store_from ? " --store-from \"$4\"" : "", jobs),
      "{{Param.Program}}",
      "{{Param.Plan}}",
      "{{Param.Store}}",
      "{{Task.Param.Tasks}}"};
  if (has_store_from) action["args"].push_back("{{Param.StoreFrom}}");
  action["timeout"] = minutes * 60;
  action["cancelation"] = {{"mode", "NOTIFY_THEN_TERMINATE"}, {"notifyPeriodInSeconds", 60}};
  return action;
}

ordered_json requirements(const Share& largest, const ClusterPlan& plan, const Settings& settings) {
  ordered_json amounts = ordered_json::array();
  amounts.push_back({{"name", "amount.worker.vcpu"}, {"min", cores_of(plan, settings)}});
  amounts.push_back(
      {{"name", "amount.worker.memory"}, {"min", mebibytes_of(largest, plan, settings)}});
  if (plan.on_gpu()) amounts.push_back({{"name", "amount.worker.gpu"}, {"min", 1}});
  return {{"amounts", amounts}};
}

ordered_json step(const std::string& name, const std::vector<std::string>& after,
                  const std::vector<std::size_t>& numbers, const ClusterPlan& plan,
                  const Shares& shares, const Settings& settings) {
  ordered_json texts = ordered_json::array();
  auto largest = shares.shares[numbers.front()];
  for (const auto i : numbers) {
    texts.push_back(names_of(shares.shares[i], plan));
    largest.seconds = std::max(largest.seconds, shares.shares[i].seconds);
    largest.bytes = std::max(largest.bytes, shares.shares[i].bytes);
  }
  ordered_json result = {{"name", name}};
  if (!after.empty()) result["dependencies"] = ordered_json::array();
  for (const auto& other : after) result["dependencies"].push_back({{"dependsOn", other}});
  result["hostRequirements"] = requirements(largest, plan, settings);
  result["parameterSpace"]["taskParameterDefinitions"] = ordered_json::array();
  result["parameterSpace"]["taskParameterDefinitions"].push_back(
      {{"name", "Tasks"}, {"type", "STRING"}, {"range", texts}});
  result["script"]["actions"]["onRun"] = run_action(
      jobs_of(plan, settings), minutes_of(largest, plan, settings), !settings.store_from.empty());
  return result;
}

// Each stage after the one before; one that is too long for a list is several steps.
ordered_json steps_of(const ClusterPlan& plan, const Shares& shares, const Settings& settings) {
  ordered_json steps = ordered_json::array();
  std::vector<std::string> before;
  std::size_t number = 0;
  for (const auto& stage : stages_of(shares)) {
    std::vector<std::string> now;
    for (std::size_t from = 0; from < stage.shares.size(); from += kLongestList) {
      const auto end = std::min(from + kLongestList, stage.shares.size());
      const std::vector<std::size_t> part(stage.shares.begin() + static_cast<std::ptrdiff_t>(from),
                                          stage.shares.begin() + static_cast<std::ptrdiff_t>(end));
      now.push_back(stage.kind == TaskKind::film
                        ? "film"
                        : fmt::format("{}-{}", name_of(stage.kind), number++));
      steps.push_back(step(now.back(), before, part, plan, shares, settings));
    }
    before = now;
  }
  return steps;
}

}  // namespace

std::vector<Script> openjd_scripts(const ClusterPlan& plan, const Shares& shares,
                                   const Settings& settings) {
  if (shares.shares.empty()) return {};
  ordered_json text = {{"specificationVersion", "jobtemplate-2023-09"}, {"name", "latentreel"}};
  text["parameterDefinitions"] = ordered_json::array();
  auto& parameters = text["parameterDefinitions"];
  parameters.push_back(text_parameter("Program", settings.program, "latentreel on the workers"));
  parameters.push_back(text_parameter("Plan", plan.file, "What latentreel plan -o has written"));
  parameters.push_back(text_parameter("Store", settings.store, "A folder that all workers share"));
  if (!settings.store_from.empty()) {
    parameters.push_back(
        text_parameter("StoreFrom", settings.store_from, "A store that is only read, after Store"));
  }
  text["steps"] = steps_of(plan, shares, settings);
  return {{kTemplate, text.dump(1) + "\n"}};
}

}  // namespace latentreel::cluster
