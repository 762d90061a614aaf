#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "scenes/camera_path.h"
#include "scenes/frame_spec.h"
#include "scenes/prompt_weights.h"
#include "scenes/scene.h"
#include "scenes/timeline.h"

// With [feedback] a frame grows out of the one before it: its picture is moved by one frame's step
// of the camera, encoded, and refined for some iterations under the prompts of its time. Frames
// that depend on one another so are a chain. The film's first frame begins one, with the optimized
// picture of the first keyframe; so does the frame of every keyframe that says `cut`, with its own.
//
// With [source] a frame begins with what the clip shows at its time, in part with the picture of
// the frame before, carried on by the clip's motion. No keyframe has a picture of its own then, and
// the camera moves over the finished frames.

namespace latentreel::scenes {

// Frames of one chain that are made in one go; what comes after them needs only what the last one
// leaves behind. A film is cut where its segments are, and where a chain ends.
struct ChainPart {
  FrameRange range;
  int keyframe = 0;     // whose picture its chain begins with, where there is no [source]
  bool begins = false;  // with the chain

  friend bool operator==(const ChainPart&, const ChainPart&) = default;
};

// Everything in a scene that decides how one frame comes from the one before it, beside the
// options of [feedback].
struct ChainStep {
  std::int64_t number = 0;  // frames since the chain began; 0: it is the keyframe's own picture
  int from = 0;             // keyframes whose prompts rule: `from`'s, and in exchange for them ...
  int to = 0;               // ... this one's; == from where there is no exchange
  double amount = 0;        // by how much, [0, 1]
  Camera camera{};          // what of the picture before it shows
  bool footage = false;     // it begins with a clip's picture, also where number is 0
  RationalTime shown{};     // the clip's time, not looped
  RulingWeights weights{};  // of the prompts of `from` and `to`, where they change over the film

  friend bool operator==(const ChainStep&, const ChainStep&) = default;
};

// Stands for what a keyframe asks for, in place of the picture that was made for it.
struct PromptsRef {
  int index;
};

template <class Visit>
void visit_weights(const PromptWeights& weights, Visit& visit) {
  visit("weights.count", static_cast<std::int64_t>(weights.prompts.size()));
  for (const double weight : weights.prompts) visit("weights.prompt", weight);
  visit("weights.extra", weights.extra);
}

// Calls visit(name, value) for every field, as visit_fields(FrameSpec) does. The first frame of a
// chain is its keyframe's latent, whatever the prompts. Weights, which films have not always had,
// are visited where one of the frame's keyframes has some that change.
template <class Visit>
void visit_fields(const ChainStep& step, Visit&& visit) {
  visit("number", step.number);
  visit("footage", step.footage);
  if (step.number == 0 && !step.footage) {
    visit("from", KeyframeRef{step.from});
    return;
  }
  visit("shown.numerator", step.shown.numerator());
  visit("shown.denominator", step.shown.denominator());
  visit("from", PromptsRef{step.from});
  visit("to", PromptsRef{step.to});
  visit("amount", step.amount);
  visit_camera(step.camera, visit);
  if (step.weights == RulingWeights()) return;
  visit_weights(step.weights.from, visit);
  visit_weights(step.weights.to, visit);
}

// The chains of a film; none where no frame grows out of another.
class FrameChains {
 public:
  FrameChains() = default;
  // `camera`: the steps of one frame each. Both arguments are copied.
  FrameChains(const Timeline& timeline, const Scene& scene, CameraPath camera);

  const std::vector<ChainPart>& parts() const { return parts_; }
  bool empty() const { return parts_.empty(); }

  // Of a frame of the film, which must have chains.
  Chained place_of(std::int64_t frame) const;
  // `rule`: what the frame would show without feedback, for whose prompts rule it.
  ChainStep step(std::int64_t frame, const FrameSpec& rule) const;

 private:
  std::vector<ChainPart> parts_;
  CameraPath camera_;
  bool footage_ = false;
  RationalTime clip_from_;
  FrameRate fps_;
};

}  // namespace latentreel::scenes
