#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "scenes/scene.h"
#include "scenes/song_signals.h"
#include "scenes/timeline.h"

// What prompts weigh. Where every frame is optimized on its own (frame_chains.h), it may change
// from frame to frame.

namespace latentreel::scenes {

// Of one keyframe at some time.
struct PromptWeights {
  // Of its prompts, then of those that it excludes: effective and signed, include_weight and
  // exclude_weight among them; below 0 pushes away. Empty: those that the keyframe always has.
  std::vector<double> prompts;
  double extra = 1;  // extra_weight

  bool are_always() const { return prompts.empty(); }
  friend bool operator==(const PromptWeights&, const PromptWeights&) = default;
};

// Whether some weight of a keyframe changes over the film.
bool has_changing_weights(const Keyframe& keyframe);
bool has_changing_weights(const Scene& scene);

// Those of a keyframe's own picture, written out also where nothing changes.
PromptWeights weights_of(const Keyframe& keyframe);

// Gives every weight that changes the value that it has in its keyframe's frame: with these the
// keyframe's own picture is made. Throws SceneError as FrameScript does.
void settle_weights(Scene& scene, const Timeline& timeline, const Signals& signals);

// Of the two keyframes whose prompts rule a frame (ChainStep).
struct RulingWeights {
  PromptWeights from, to;

  friend bool operator==(const RulingWeights&, const RulingWeights&) = default;
};

// Of every frame of a film where some weight changes. rules[i]: the keyframes whose prompts rule
// frame i; one twice where it rules alone. Empty where no weight changes. Throws SceneError as
// FrameScript does.
std::vector<RulingWeights> ruling_weights(const Scene& scene, const Timeline& timeline,
                                          const Signals& signals,
                                          const std::vector<std::pair<int, int>>& rules);

}  // namespace latentreel::scenes
