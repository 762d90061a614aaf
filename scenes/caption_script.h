#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenes/frame_spec.h"
#include "scenes/scene.h"
#include "scenes/timeline.h"

namespace latentreel::scenes {

// What the frames of a preview say, and when they flash.
//
// A beat's flash begins with the frame where `beat_phase` begins anew: the one that is nearest to
// the beat, the earlier of two. It is gone after two frames.
class CaptionScript {
 public:
  // `timeline`: the scene's. Throws SceneError where the beats cannot be read or counted.
  CaptionScript(const Timeline& timeline, const Scene& scene);

  // `frame` must be one of the film's; `spec`: what else it shows.
  Caption at(std::int64_t frame, const FrameSpec& spec) const;

 private:
  // A whole beat of a bar.
  struct Beat {
    std::int64_t bar = 0, beat = 0;

    friend bool operator==(const Beat&, const Beat&) = default;
  };

  void count_beats(const Timeline& timeline, const Scene& scene);
  bool begins_beat(std::int64_t frame) const;

  FrameRate fps_;
  std::vector<std::string> prompts_;  // by keyframe
  // [i]: which one sounds in frame i - kBefore; empty where no beats are known.
  std::vector<Beat> beats_;
};

}  // namespace latentreel::scenes
