#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "src/plan/plan.h"
#include "src/plan/plan_costs.h"

namespace latentreel::render {

// A plan as a file that people, schedulers and other machines read: JSON, one object.
//
//   "format"   "latentreel plan 1"
//   "scene"    {"file": absolute path, "set": ["optimize.seed=2", ...], "embed": true}
//              and, where they were asked for, "preview": true and "range": "bar 3:bar 5"
//   "film"     where it goes, absolute path
//   "machine"  {"device": "cpu", "threads": 2, "kind": ..., "frame_group": 1}; of a mixed plan also
//              {"mixed": true, "bfloat16": false}
//   "files"    [{"file", "sha256"}, ...]: models, pictures and song
//   "frames", "fps"   of the film; a task's frames are counted as the whole film's
//   "tasks"    [{"name": "seg:7", "output": ..., "needs": ["key:3", ...]}, ...], in an order in
//              which they can be done
//   "cost"     {"start_seconds": s} of the plan, {"seconds": s, "bytes": b} of a task: where they
//              were measured (plan_costs.h); of no account for whether two plans are the same
//
// The first three and device and threads are what was asked for; everything else follows from them.
struct PlanRequest {
  std::filesystem::path scene;
  std::vector<std::string> set;
  bool embed_scene = true;
  bool preview = false;
  std::string range = {};        // as it was written; empty: all frames
  std::filesystem::path models;  // a folder that is looked in first; empty: none
  std::filesystem::path film;
  std::string device = "cpu";
  int threads = 1;
  bool mixed = false;
  // Of a file that was read: the machine that it was made on.
  std::string kind = {};
  int frame_group = 1;
  bool bfloat16 = false;  // of a mixed plan
};

// For a mixed plan that was made on another kind of machine than the job's: what that one is in the
// names of results (RenderJob::planned_on). Nothing for others.
std::optional<Machine> planned_on(const PlanRequest& request, const Machine& here);

// Throws RenderError (device) for a task that only the plan's own kind of machine may do, where the
// job's is another one.
void expect_made_here(const RenderJob& job, const Task& task);

std::string plan_text(const PlanRequest& request, const RenderJob& job, const RenderPlan& plan,
                      ModelPack& models, const PlanCosts* costs = nullptr);

// What was asked for, of a plan's file. Throws RenderError: missing for a file that cannot be read,
// scene for one that is no plan of this version.
PlanRequest read_request(const std::filesystem::path& file);

// Throws RenderError unless `file` says exactly what `text` does, costs aside: scene where the
// scene, a file it names or the plan itself was changed since, device where this machine is of
// another kind.
void expect_same_plan(const std::filesystem::path& file, const std::string& text);

}  // namespace latentreel::render
