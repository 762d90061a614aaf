#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenes/scene.h"
#include "src/frames/grid.h"
#include "src/optimize/keyframe_optimizer.h"
#include "src/optimize/keyframe_store.h"
#include "src/optimize/model_pack.h"
#include "src/optimize/passes.h"
#include "src/optimize/starts.h"
#include "src/run/jobs.h"
#include "src/run/machine.h"
#include "src/run/progress.h"
#include "src/run/stop.h"

namespace latentreel::render {

// Makes a scene's keyframes, one at a time; several makers may work side by side. When a stop is
// asked for, the last finished iteration is kept and Stopped is thrown: the same call continues
// from there to the same bits.
class KeyframeMaker {
 public:
  // store may be null: then nothing is kept. Chunks of cutouts are computed side by side by `jobs`,
  // or one after the other where it is null. All arguments must outlive the maker.
  KeyframeMaker(const scenes::Scene& scene, ModelPack& models, const Machine& machine,
                KeyframeStore* store, Progress& progress, const StopToken& stop,
                Jobs* jobs = nullptr);

  // Checks what a keyframe names, before the work begins: every picture can be read, the start can
  // be made, its passes fit its size. Throws where something is wrong. (That prompts fit their
  // CLIPs, make_plan has seen to.) Returns what a person should know of its clips, whole sentences.
  std::vector<std::string> check(int index);

  // Optimizes a keyframe whose output is named `hash`, or continues. `previous` is the latent of
  // the one before, where the keyframe starts from it. Saves its state every few seconds;
  // saving the result is left to the caller.
  KeyframeRecord make(int index, const std::string& hash, const std::optional<Latent>& previous);

  // The passes that `make` runs for a keyframe, in this order.
  std::vector<Pass> passes(int index) const;
  // The keyframe's start on a pass's grid: where a fresh pass begins.
  Start start_of(const Pass& pass, const std::optional<Latent>& previous);
  // A pass's optimizer at the keyframe's start, to watch or to time.
  KeyframeOptimizer begin(const Pass& pass, const std::optional<Latent>& previous);
  // The same where the start, on the pass's grid, is known.
  KeyframeOptimizer begin_at(const Pass& pass, const Latent& start);

 private:
  class Run;

  const scenes::Scene& scene_;
  ModelPack& models_;
  const Machine& machine_;
  KeyframeStore* store_;
  Progress& progress_;
  const StopToken& stop_;
  Jobs* jobs_;
  Grid grid_;
};

}  // namespace latentreel::render
