#include "src/plan/plan_file.h"

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "src/run/error.h"

namespace latentreel::render {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

constexpr const char* kFormat = "latentreel plan 1";
constexpr std::uintmax_t kLargest = 256 << 20;  // bytes; ten hours of film are about 10 MB

[[noreturn]] void refuse(const fs::path& file, const std::string& problem,
                         RenderError::Kind kind = RenderError::Kind::scene) {
  throw RenderError(kind, fmt::format("reading the plan {}: {}.", file.string(), problem));
}

constexpr const char* kMakeAgain = "Make it again: latentreel plan SCENE -o PLAN";

ordered_json read(const fs::path& file) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (error) refuse(file, error.message(), RenderError::Kind::missing);
  if (size > kLargest) refuse(file, "it is too large to be a plan");
  std::ifstream in(file, std::ios::binary);
  auto plan = ordered_json::parse(in, nullptr, false);
  if (plan.is_discarded() || !plan.is_object() || !plan.contains("format")) {
    refuse(file, fmt::format("it is not a plan of latentreel. {}", kMakeAgain));
  }
  if (plan["format"] != kFormat) {
    refuse(file, fmt::format("it was written by another version of latentreel. {}", kMakeAgain));
  }
  return plan;
}

// Every file that a scene names, each once.
std::set<fs::path> files_of(const RenderJob& job) {
  std::set<fs::path> files = {job.models.vqgan};
  for (const auto& clip : job.models.clips) files.insert(clip.file);
  if (job.scene.source.on()) files.insert(job.scene.source.video);
  const auto& music = job.scene.music;
  for (const auto* file : {&music.file, &music.beats, &music.sections, &music.lyrics}) {
    if (!file->empty()) files.insert(*file);
  }
  for (const auto& keyframe : job.scene.keyframes) {
    for (const auto* prompts : {&keyframe.prompts, &keyframe.optimize.exclude}) {
      for (const auto& prompt : *prompts) {
        if (prompt.kind == scenes::Prompt::Kind::image) files.insert(prompt.image.file);
      }
    }
    if (keyframe.optimize.start == scenes::StartKind::image) {
      files.insert(keyframe.optimize.start_image.file);
    }
  }
  return files;
}

// To milliseconds: more digits mean nothing.
double rounded(double seconds) {
  return std::round(seconds * 1e3) / 1e3;
}

void add_cost(const PlanCosts& costs, const std::string& task, ordered_json& entry) {
  const auto found = costs.tasks.find(task);
  if (found == costs.tasks.end()) return;
  entry["cost"] = {{"seconds", rounded(found->second.seconds)},
                   {"bytes", std::llround(found->second.bytes)}};
}

void remove_costs(ordered_json& plan) {
  plan.erase("cost");
  if (!plan.contains("tasks") || !plan["tasks"].is_array()) return;
  for (auto& task : plan["tasks"]) {
    if (task.is_object()) task.erase("cost");
  }
}

}  // namespace

std::string plan_text(const PlanRequest& request, const RenderJob& job, const RenderPlan& plan,
                      ModelPack& models, const PlanCosts* costs) {
  const auto& machine = named_machine(job);
  ordered_json text;
  text["format"] = kFormat;
  text["scene"] = {
      {"file", request.scene.string()}, {"set", request.set}, {"embed", request.embed_scene}};
  if (request.preview) text["scene"]["preview"] = true;
  if (!request.range.empty()) text["scene"]["range"] = request.range;
  text["models"] = request.models.string();
  text["film"] = request.film.string();
  text["machine"] = {{"device", request.device},
                     {"threads", request.threads},
                     {"kind", machine.kind},
                     {"frame_group", machine.frame_group}};
  if (request.mixed) {
    text["machine"]["mixed"] = true;
    text["machine"]["bfloat16"] = machine.tuning.bfloat16;
  }
  text["files"] = ordered_json::array();
  for (const auto& file : files_of(job)) {
    text["files"].push_back(
        {{"file", fs::absolute(file).string()}, {"sha256", models.digest_of(file)}});
  }
  text["frames"] = plan.frames.size();
  text["fps"] = {plan.timeline().fps().numerator, plan.timeline().fps().denominator};
  if (costs != nullptr) text["cost"] = {{"start_seconds", rounded(costs->start_seconds)}};
  text["tasks"] = ordered_json::array();
  for (const auto* task : plan.tasks()) {
    ordered_json entry = {
        {"name", task->name()}, {"output", task->output}, {"needs", ordered_json::array()}};
    for (const auto& need : task->needs) entry["needs"].push_back(need.name());
    if (task->id.kind == TaskId::Kind::segment) {
      const auto& range = plan.ranges[static_cast<size_t>(task->id.index)];
      entry["frames"] = {range.first, range.end};
    }
    if (task->id.kind == TaskId::Kind::chain) {
      const auto& part = plan.script.chains().parts()[static_cast<size_t>(task->id.index)];
      entry["frames"] = {part.range.first, part.range.end};
    }
    if (costs != nullptr) add_cost(*costs, task->name(), entry);
    text["tasks"].push_back(std::move(entry));
  }
  return text.dump(1) + "\n";
}

PlanRequest read_request(const fs::path& file) {
  const auto plan = read(file);
  try {
    PlanRequest request;
    request.scene = plan.at("scene").at("file").get<std::string>();
    request.set = plan.at("scene").at("set").get<std::vector<std::string>>();
    request.embed_scene = plan.at("scene").at("embed").get<bool>();
    request.preview = plan.at("scene").value("preview", false);
    request.range = plan.at("scene").value("range", std::string());
    request.models = plan.at("models").get<std::string>();
    request.film = plan.at("film").get<std::string>();
    request.device = plan.at("machine").at("device").get<std::string>();
    const auto& machine = plan.at("machine");
    request.threads = machine.at("threads").get<int>();
    request.kind = machine.at("kind").get<std::string>();
    request.frame_group = machine.at("frame_group").get<int>();
    request.mixed = machine.value("mixed", false);
    request.bfloat16 = machine.value("bfloat16", false);
    return request;
  } catch (const ordered_json::exception&) {
    refuse(file, fmt::format("something is missing in it. {}", kMakeAgain));
  }
}

std::optional<Machine> planned_on(const PlanRequest& request, const Machine& here) {
  if (!request.mixed || request.kind == here.kind) return std::nullopt;
  auto machine = here;
  machine.kind = request.kind;
  machine.frame_group = request.frame_group;
  machine.tuning.bfloat16 = request.bfloat16;
  return machine;
}

void expect_made_here(const RenderJob& job, const Task& task) {
  const bool anywhere = task.id.kind == TaskId::Kind::segment || task.id.kind == TaskId::Kind::film;
  if (!job.planned_on || anywhere) return;
  throw RenderError(
      RenderError::Kind::device,
      fmt::format("doing {}: this machine is {}, and of a mixed plan only segments and "
                  "the film may be made on other kinds than {}. Do it on one of these "
                  "(of Slurm: --constraint).",
                  task.name(), job.machine.kind, job.planned_on->kind));
}

void expect_same_plan(const fs::path& file, const std::string& text) {
  auto old = read(file);
  auto now = ordered_json::parse(text);
  remove_costs(old);
  remove_costs(now);
  if (old == now) return;
  const auto differs = [&](const char* key) { return !old.contains(key) || old[key] != now[key]; };
  if (differs("machine")) {
    refuse(file,
           fmt::format("it was made for another kind of machine ({}, this one is {}), whose "
                       "results differ in their bits. {}, or with --mixed for several kinds",
                       old.value("/machine/kind"_json_pointer, std::string("unknown")),
                       now["machine"]["kind"].get<std::string>(), kMakeAgain),
           RenderError::Kind::device);
  }
  if (differs("files")) {
    refuse(file, fmt::format(
                     "a model, a picture, the song or what belongs to it was changed since it was "
                     "made. {}",
                     kMakeAgain));
  }
  const bool preview = now.value("/scene/preview"_json_pointer, false);
  refuse(file, fmt::format("the scene, or the plan itself, was changed since it was made, or it "
                           "was written by another version of latentreel{}. {}",
                           preview ? ", or this machine writes captions in another font" : "",
                           kMakeAgain));
}

}  // namespace latentreel::render
