#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scenes/frame_script.h"
#include "scenes/scene.h"
#include "src/frames/grid.h"
#include "src/optimize/chain_store.h"
#include "src/optimize/footage_frames.h"
#include "src/optimize/keyframe_optimizer.h"
#include "src/optimize/model_pack.h"
#include "src/optimize/unfinished_saves.h"
#include "src/run/jobs.h"
#include "src/run/lap_timer.h"
#include "src/run/machine.h"
#include "src/run/progress.h"
#include "src/run/stop.h"

namespace latentreel::render {

// Cutouts of a chain's frames that are computed at a time: fewer than a keyframe's, as one frame
// alone has to keep all cores busy. Part of a chain's hash.
inline constexpr std::int64_t kChainChunk = 8;

// The options that optimize a chain's frames while a keyframe with `options` rules: those alone
// that matter to them are its own.
scenes::OptimizeOptions for_chains(scenes::OptimizeOptions options, const scenes::Scene& scene);

// Makes frames that grow out of one another (scenes/frame_chains.h). Each begins with the latent of
// the frame before it; where the camera moved, with that frame's picture, seen through one step of
// the camera, its colours held, and encoded. It is then optimized for some iterations, held to
// where it began. What is shown is the result, averaged over the last frames where asked for.
//
// Latents are never snapped to the codebook, also where the optimization looks at snapped ones: a
// movement of less than a pixel a frame would end in the same codes, and so nothing would move.
//
// Options of an optimization are those of the keyframe whose prompts rule, but for what [feedback]
// says itself; nothing ends it early, and the last latent is kept. While prompts are exchanged, the
// weights of both keyframes' prompts are scaled by how far that has got. Weights that change over
// the film are those of the frame; where all are 0, it is what it began with.
//
// With footage each begins with the clip's picture of its time instead, mixed with the picture of
// the frame before, carried on by the clip's motion where that was seen.
//
// Colours: each of a moved picture is scaled and shifted to the mean and standard deviation that
// the chain's first picture had, times and plus what optimizing has changed since. What encoding
// then changes is measured, and corrected in the frames that follow.
//
// Not thread-safe; what several of them make side by side does not depend on it.
class ChainMaker {
 public:
  // All of it must outlive the maker. `store` null: nothing is kept while it is under way. `jobs`
  // null: chunks of cutouts are computed one after the other.
  ChainMaker(const scenes::Scene& scene, const scenes::FrameScript& script, ModelPack& models,
             ChainStore* store, Progress& progress, const StopToken& stop, Jobs* jobs = nullptr);

  // Makes the frames of part `index`, or continues. `hash` names its output; `before` is what the
  // part before it left, or holds the latent of the keyframe that its chain begins with. Saves
  // what there is every few seconds; saving the result is left to the caller. Throws Stopped, and
  // RenderError (diverged).
  ChainRecord make(int index, const std::string& hash, const ChainState& before);

  // The latent, [1, C, h, w], that a frame after `before` begins with.
  at::Tensor beginning(const scenes::ChainStep& step, const ChainState& before);
  // The clip that is repainted; null where there is none.
  FootageFrames* footage() { return footage_ ? &*footage_ : nullptr; }
  // The optimization of a frame that begins there, before its first iteration.
  KeyframeOptimizer begin_at(const scenes::ChainStep& step, const at::Tensor& z);

 private:
  void add_frame(int part, std::int64_t frame, ChainRecord& record);
  void hold_colors(const scenes::ChainStep& step, const at::Tensor& begun, ChainState& state);
  at::Tensor optimized(const scenes::ChainStep& step, ChainIteration report,
                       const at::Tensor& begun, ChainRecord& record);
  void iterate(KeyframeOptimizer& optimizer, ChainIteration& report);
  at::Tensor repainted_from(const scenes::ChainStep& step, const ChainState& before);
  void measure_flicker(const scenes::ChainStep& step, const at::Tensor& before,
                       const at::Tensor& now, ChainRecord::Losses& losses);
  at::Tensor encoded(const at::Tensor& shown);
  at::Tensor encoded_with_colors(const at::Tensor& moved, const ChainState& before);
  // The part of a latent's picture that is shown, [1, 3, H, W].
  at::Tensor shown_picture(const at::Tensor& z);
  scenes::RationalTime frame_before(const scenes::ChainStep& step) const;
  at::Tensor averaged(const at::Tensor& z, ChainState& state) const;
  void keep(const std::string& hash, ChainRecord& record);

  bool learns_as_before(std::int64_t frame) const;
  std::uint64_t content_of(int keyframe);
  std::vector<Guide> guides(const scenes::ChainStep& step);
  const std::vector<Target>& targets_of(int keyframe, std::size_t clip);
  std::vector<Target> targets_of(int keyframe, std::size_t clip,
                                 const scenes::PromptWeights& weights);
  // [1, 3, H, W] in [0, 1], of the whole grid.
  at::Tensor picture(const at::Tensor& z);

  const scenes::Scene& scene_;
  const scenes::FrameScript& script_;
  ModelPack& models_;
  ChainStore* store_;
  Progress& progress_;
  const StopToken& stop_;
  Jobs* jobs_;
  Grid grid_;
  const models::Vqgan& vqgan_;
  std::optional<FootageFrames> footage_;
  std::vector<std::optional<std::uint64_t>> contents_;  // by keyframe, where known
  // By keyframe and CLIP; empty where not needed so far.
  std::vector<std::vector<std::vector<Target>>> targets_;
  // Of keyframes whose weights change, by keyframe and CLIP: what extra_weight multiplies.
  std::map<int, std::vector<at::Tensor>> extras_;
  at::Tensor pictured_z_, picture_;         // the last latent that was decoded, and its picture
  std::int64_t chunk_;                      // of cutouts; halved where memory is short
  std::shared_ptr<StepNetworks> networks_;  // of the last frame's optimization
  LapTimer work_;
  UnfinishedSaves saves_;
};

}  // namespace latentreel::render
