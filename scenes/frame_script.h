#pragma once

#include <cstdint>

#include "scenes/frame_spec.h"
#include "scenes/scene.h"
#include "scenes/timeline.h"

namespace latentreel::scenes {

// What every frame of a film shows: its position on the timeline, eased, along the scene's path.
class FrameScript {
 public:
  FrameScript(Timeline timeline, const InterpolateOptions& options);

  // Frames before 0 and after the end show what the nearest frame of the film shows.
  FrameSpec at(std::int64_t frame) const;

  // The frame at `amount` of the latent's path along interval `index` of the timeline, neither
  // eased nor paced.
  FrameSpec between(std::size_t index, double amount) const;

  const Timeline& timeline() const { return timeline_; }

 private:
  FrameSpec along(std::size_t index) const;
  Slope slope_at(int keyframe) const;

  Timeline timeline_;
  InterpolateOptions options_;
};

}  // namespace latentreel::scenes
