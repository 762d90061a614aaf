#include "tests/cluster/plans.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace latentreel::cluster::testing {
namespace {

using nlohmann::ordered_json;

ordered_json task(const std::string& name, const std::vector<std::string>& needs, double seconds) {
  return {{"name", name},
          {"output", "0"},
          {"needs", needs},
          {"cost", {{"seconds", seconds}, {"bytes", 1e9}}}};
}

}  // namespace

std::string plan_text(const Film& film) {
  ordered_json text = {
      {"format", "latentreel plan 1"},
      {"film", "/films/dawn/dawn.mp4"},
      {"machine",
       {{"device", film.device}, {"threads", film.threads}, {"kind", "cpu AVX2, LibTorch 2.11.0"}}},
      {"frames", 48 * (film.keyframes - 1)},
      {"cost", {{"start_seconds", 10}}},
      {"tasks", ordered_json::array()}};
  auto& tasks = text["tasks"];
  const auto name = [](const char* kind, int i) { return fmt::format("{}:{}", kind, i); };
  for (int i = 0; i < film.keyframes; ++i) {
    std::vector<std::string> needs;
    if (film.chained && i > 0) needs.push_back(name("key", i - 1));
    tasks.push_back(task(name("key", i), needs, film.key_seconds));
  }
  std::vector<std::string> segments;
  for (int i = 0; i + 1 < film.keyframes; ++i) {
    std::vector<std::string> needs = {name("key", i), name("key", i + 1)};
    if (film.paced) tasks.push_back(task(name("pace", i), needs, 5));
  }
  const int parts = (film.keyframes - 1) * film.segments_between;
  for (int k = 0; film.grown && k < parts; ++k) {
    tasks.push_back(task(name("chain", k), {k == 0 ? "key:0" : name("chain", k - 1)}, 30));
  }
  for (int i = 0; i + 1 < film.keyframes; ++i) {
    std::vector<std::string> needs = {name("key", i), name("key", i + 1)};
    if (film.paced) needs.push_back(name("pace", i));
    for (int k = 0; k < film.segments_between; ++k) {
      const int part = i * film.segments_between + k;
      segments.push_back(name("seg", part));
      tasks.push_back(task(segments.back(), needs, film.segment_seconds));
      if (film.grown) tasks.back()["needs"].push_back(name("chain", part));
    }
  }
  tasks.push_back(task("film", segments, 3));
  return text.dump();
}

ClusterPlan plan_of(const Film& film, const std::filesystem::path& file) {
  return parse_cluster_plan(plan_text(film), file);
}

ShareSettings each_alone() {
  return {.seconds = 0};
}

Settings settings() {
  Settings settings;
  settings.program = "/opt/latentreel/latentreel";
  settings.folder = "/films/dawn/plan.submission";
  settings.store = "/films/store";
  return settings;
}

std::string text_of(const std::vector<Script>& scripts, const std::string& name) {
  for (const auto& script : scripts) {
    if (script.name == name) return script.text;
  }
  throw std::runtime_error("there is no script " + name);
}

void expect_golden(const std::string& text, const std::string& name) {
  const auto path = std::filesystem::path(LATENTREEL_SOURCE_DIR) / "tests/cluster/golden" / name;
  if (std::getenv("LATENTREEL_REMAKE_GOLDEN") != nullptr) std::ofstream(path) << text;
  std::ifstream file(path);
  EXPECT_EQ(text, std::string(std::istreambuf_iterator<char>(file), {})) << name;
}

}  // namespace latentreel::cluster::testing
