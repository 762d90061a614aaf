#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <vector>

#include "src/optimize/keyframe_optimizer.h"
#include "src/store/store.h"

namespace latentreel::render {

// What the next frame of a chain begins with. All on the CPU.
struct ChainState {
  // [1, C, h, w]: the last frame's latent, not averaged. Before a chain's first frame the
  // keyframe's.
  at::Tensor z;
  // [2, 3] float64: mean and standard deviation that each colour is to have; undefined where
  // colours are free, and before the first frame.
  at::Tensor color;
  // [2, 3]: what is added to that mean, and by what that deviation is multiplied, when a picture is
  // moved, so that after it was encoded they are right. Defined where `color` is.
  at::Tensor correction;
  // [n, C, h, w]: the last frames' latents, for the average; undefined where there is none.
  at::Tensor recent;
  KeyframeOptimizer::State learned;  // empty where every frame learns anew
};

// Frames of a part of a chain (scenes/frame_chains.h), in order, and what comes after them needs.
struct ChainRecord {
  // What the optimization of one frame came to. Of no iteration both losses are 0;
  // where no prompt weighed anything, so that none was made, they are no numbers.
  struct Losses {
    double first = 0, last = 0;  // before the first and the last step
    // With footage: the mean change from the frame before, along the clip's motion, of pixels that
    // are seen in both, in [0, 1]; and the same of the clip's own frames.
    double flicker = 0, clip_flicker = 0;
  };
  std::vector<at::Tensor> latents;  // [1, C, h, w]: what the frames show
  std::vector<Losses> losses;       // by frame
  ChainState state;                 // after the last of them
  std::vector<ChainState> states;   // after each of them, without `recent` and `learned`
  int rollbacks = 0;                // how often a loss was not a number
  double seconds = 0;               // of work, over all runs
};

// Parts of chains in a store: finished ones, and those that are under way.
class ChainStore {
 public:
  // Both must outlive this. `progress` gets a warning for each entry that cannot be read.
  ChainStore(Store& store, Progress& progress) : store_(store), progress_(progress) {}

  bool has(const std::string& hash) const;
  std::optional<ChainRecord> find(const std::string& hash);
  // Removes the unfinished part, too.
  void remove(const std::string& hash) noexcept;
  // Also removes the unfinished part. Throws RenderError (write_failed).
  void keep(const std::string& hash, const ChainRecord& record);

  std::optional<ChainRecord> find_unfinished(const std::string& hash);
  // Throws RenderError (write_failed); what was kept before is then still there.
  void keep_unfinished(const std::string& hash, const ChainRecord& record);

 private:
  Store& store_;
  Progress& progress_;
};

}  // namespace latentreel::render
