#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "scenes/camera_path.h"
#include "scenes/caption_script.h"
#include "scenes/frame_chains.h"
#include "scenes/frame_spec.h"
#include "scenes/frame_values.h"
#include "scenes/prompt_weights.h"
#include "scenes/scene.h"
#include "scenes/song_signals.h"
#include "scenes/timeline.h"

namespace latentreel::scenes {

// What every frame of a film shows: its position on the timeline, eased, along the scene's path;
// its pulse, its camera, its grade and, in a preview, its caption. With [feedback] it has its place
// in a chain, in place of a way and a camera.
//
// With a speed that changes, a frame of an interval has gone the speeds of all frames from the
// interval's first to the one before it, added up, over the sum of the whole interval: exactly 0 at
// one keyframe and 1 at the next, whatever the speed. Where all are 0 the frames go evenly.
class FrameScript {
 public:
  // `timeline`: the scene's. `signals`: those that signals_used(scene) names, measured of its song.
  // Throws SceneError where a curve has no value at some frame, a signal is missing, the beats
  // cannot be read or the camera goes too far away.
  FrameScript(Timeline timeline, const Scene& scene, const Signals& signals = {});

  // Frames before 0 and after the end show what the nearest frame of the film shows.
  FrameSpec at(std::int64_t frame) const;

  // Of a film whose frames grow out of one another: how this one does.
  ChainStep step(std::int64_t frame) const;
  // What the prompts weigh that rule a frame of the film, where weights change.
  RulingWeights weights(std::int64_t frame) const {
    return weights_.empty() ? RulingWeights() : weights_[static_cast<std::size_t>(frame)];
  }
  const FrameChains& chains() const { return chains_; }

  // The frame at `amount` of the latent's path along interval `index` of the timeline, neither
  // eased nor paced.
  FrameSpec between(std::size_t index, double amount) const;

  const Timeline& timeline() const { return timeline_; }
  // Whether the camera moves over the pictures in some frame.
  bool moves() const { return camera_.moves(); }

 private:
  void find_weights(const Scene& scene, const Signals& signals);
  FrameSpec on_the_way(std::int64_t frame) const;
  FrameSpec along(std::size_t index) const;
  Slope slope_at(int keyframe) const;
  bool leads_to_a_cut(const Interval& interval) const;
  double share_at(std::size_t index, std::int64_t frame) const;
  Pulse pulse_of(const FrameSpec& spec, std::int64_t frame) const;
  int pulse_target(const FrameSpec& spec) const;

  Timeline timeline_;
  InterpolateOptions options_;
  PulseOptions pulse_options_;
  // [i]: the sum of the speeds of the frames before i, in millionths; empty: all go evenly.
  std::vector<std::int64_t> speed_sums_;
  FrameValues pulse_;
  FrameValues brightness_, contrast_, saturation_;
  CameraPath camera_;
  FrameChains chains_;
  std::vector<RulingWeights> weights_;  // by frame; empty where none changes
  std::vector<bool> cuts_;              // by keyframe
  std::optional<CaptionScript> captions_;
};

}  // namespace latentreel::scenes
