#pragma once

#include <string>

#include "scenes/scene_reader.h"
#include "src/plan/renderer.h"
#include "tests/optimize/pair_files.h"

// The first pair (tests/first_pair) and small scenes for it: what most tests of this room run on.

namespace latentreel::render::testing {

inline ModelFiles tiny_files() {
  return files_in(LATENTREEL_SOURCE_DIR "/tests/first_pair");
}

inline Machine test_machine() {
  return resolve_machine(at::kCPU, 2);
}

// A job for the scene of that TOML text, one piece of work at a time; [video] and [optimize] are
// given small defaults by `kSmall`, which the text should begin with.
inline RenderJob job_for(const std::string& toml,
                         const std::vector<scenes::Override>& overrides = {}) {
  RenderJob job;
  job.scene = scenes::parse_scene(toml, "test.toml", overrides);
  job.models = tiny_files();
  job.machine = test_machine();
  job.jobs = 1;
  return job;
}

inline constexpr const char* kSmall = R"(
[video]
size = "64x64"
fps = 8
[optimize]
iterations = 3
cutouts = 4
cutter = "crops"
augment = []
start = "random"
seed = 3
)";

inline constexpr const char* kTwoKeyframes = R"(
[[keyframe]]
at = 0
prompt = "a red heart on a white background"
[[keyframe]]
at = 1
prompt = "a yellow star on a blue background"
)";

inline std::string small_scene() {
  std::string scene;
  scene.append(kSmall).append(kTwoKeyframes);
  return scene;
}

}  // namespace latentreel::render::testing
