#pragma once

#include <filesystem>
#include <map>
#include <set>

#include "src/optimize/keyframe_record.h"
#include "src/optimize/keyframes.h"
#include "src/optimize/model_pack.h"
#include "src/plan/render_job.h"
#include "src/run/jobs.h"
#include "src/run/progress.h"
#include "src/run/stop.h"

namespace latentreel::render {

// Exports an optimized keyframe, so that another implementation can recompute its loss and
// gradients from the files alone:
//
//   prompts.json   {"quantize", "image_clamp", "loss", "start_weight", "prompts": [{"kind", "text",
//                  "weight", "stop", "tokens", "embedding"}, ...]}
//                  weight is the effective, signed one; stop is null where there is none; tokens
//                  with start and end, unpadded; the embedding raw, [M, E] written flat (M > 1: a
//                  picture's cutouts). With several CLIPs "clips": [{"name", "weight", "tokens",
//                  "embedding"}, ...] in place of the last two.
//   losses.csv     iteration, loss and each prompt's share of it, before the step. The loss
//                  includes the pull to the start, which belongs to no prompt.
//
// and for each requested iteration, numbered with four digits:
//
//   0010.png                   the decoded picture after its clamp
//   latent-0010.safetensors    z [1, C, h, w], before the step
//   cutouts-0010.safetensors   cutouts [N, 3, R, R], as they enter CLIP's normalisation
//   cutouts-0010.png           the same as a sheet, row by row
//   gradient-0010.safetensors  of the whole loss: with respect to cutouts, image [1, 3, H, W] (the
//                              decoded picture after its clamp) and z
// Everything is float32. The cutouts of further CLIPs are tensors of the same files, "cutouts.1"
// and so on in the order of the scene, and lie in the sheet below those of the first.
//
// Reads nothing from a store and writes nothing to it. Not thread-safe.
class DebugExport {
 public:
  // Chunks of cutouts are computed side by side by `jobs`. All arguments must outlive this.
  DebugExport(const RenderJob& job, ModelPack& models, Progress& progress, const StopToken& stop,
              Jobs& jobs);

  // Writes keyframe `index` into `folder`, which is made; what an earlier export of other
  // iterations left there is removed. `iterations` are exported besides the first and the best.
  // Where the record does not hold an iteration's latent, the optimization is run again from its
  // start. Throws RenderError (scene) for an iteration that was not made, WeightsError or
  // FileError where a file cannot be written, Stopped.
  void write(int index, const KeyframeRecord& record, std::set<int> iterations,
             const std::filesystem::path& folder);

 private:
  using Latents = std::map<int, at::Tensor>;  // iteration -> z [1, C, h, w] before its step
  Latents latents(int index, const KeyframeRecord& record, const std::set<int>& iterations,
                  KeyframeOptimizer& optimizer);

  const RenderJob& job_;
  ModelPack& models_;
  Progress& progress_;
  const StopToken& stop_;
  Jobs& jobs_;
  KeyframeMaker maker_;
};

// Throws RenderError (scene) where keyframe `index` cannot have one of `iterations`, as far as this
// is known before it is optimized.
void check_iterations(const scenes::Scene& scene, int index, const std::set<int>& iterations);

}  // namespace latentreel::render
