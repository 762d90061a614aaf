#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenes/scene.h"
#include "src/render/keyframe_optimizer.h"
#include "src/render/keyframe_store.h"
#include "src/render/machine.h"
#include "src/render/model_pack.h"
#include "src/render/progress.h"
#include "src/render/starts.h"
#include "src/render/stop.h"

namespace latentreel::render {

// A keyframe, optimized.
struct KeyframeResult {
  Latent latent;
  std::string start;    // where it began, for people; empty where reused
  bool reused = false;  // found in the store
  int iterations = 0;   // done in all; 0 where reused
  int best_iteration = -1;
  double first_loss = 0, best_loss = 0;
  double seconds = 0;
};

// The grid of a scene's pictures: its size divided by the VQGAN's factor, rounded down. Throws
// RenderError (scene) for a size below one cell.
Grid grid_of(const scenes::VideoOptions& video, const models::VqganConfig& vqgan);

// Optimizes a scene's keyframes in order, takes those that the store has, and keeps the others
// there. When a stop is asked for, the last finished iteration is kept and Stopped is thrown: the
// same call continues from there to the same bits.
class KeyframeMaker {
 public:
  // store may be null: nothing is looked up or kept. All arguments must outlive the maker.
  KeyframeMaker(const scenes::Scene& scene, ModelPack& models, const Machine& machine,
                KeyframeStore* store, Progress& progress, const StopToken& stop);

  // Begins with check().
  std::vector<KeyframeResult> make_all();

  // Looks at everything that the keyframes name, before any of them costs time: every prompt fits
  // its CLIP's context, every picture can be read, every start can be made. Throws what is wrong.
  void check();

  // Seconds that an iteration of the first keyframe takes here: runs two and times the second.
  // Nothing is kept.
  double time_iteration();

 private:
  KeyframeOptimizer begin(int index, const Start& start);
  Start start_of(int index, const std::optional<Latent>& previous);
  KeyframeResult make(int index, const std::optional<Latent>& previous);
  KeyframeResult optimize(int index, const std::optional<Latent>& previous);

  const scenes::Scene& scene_;
  ModelPack& models_;
  const Machine& machine_;
  KeyframeStore* store_;
  Progress& progress_;
  const StopToken& stop_;
  Grid grid_;
  std::vector<std::string> hashes_;
};

}  // namespace latentreel::render
