#include "scenes/frame_script.h"

#include <algorithm>
#include <utility>

#include "scenes/easing.h"

namespace latentreel::scenes {

FrameScript::FrameScript(Timeline timeline, const InterpolateOptions& options)
    : timeline_(std::move(timeline)), options_(options) {}

FrameSpec FrameScript::at(std::int64_t frame) const {
  frame = std::clamp<std::int64_t>(frame, 0, timeline_.frame_count() - 1);
  const auto position = timeline_.at(frame);
  const auto index = timeline_.interval_at(frame);
  if (!index || position.amount <= 0) return {.from = position.from, .to = position.from};
  FrameSpec spec = along(*index);
  spec.amount = ease(options_.easing, position.amount);
  spec.paced = options_.pacing == Pacing::even;
  return spec;
}

FrameSpec FrameScript::between(std::size_t index, double amount) const {
  FrameSpec spec = along(index);
  spec.amount = amount;
  return spec;
}

FrameSpec FrameScript::along(std::size_t index) const {
  const Interval& interval = timeline_.intervals()[index];
  FrameSpec spec{.from = interval.from,
                 .to = interval.to,
                 .interval = static_cast<int>(index),
                 .path = options_.path};
  if (options_.path == PathKind::spline) {
    spec.frames = interval.last - interval.first;
    spec.leaving = slope_at(interval.from);
    spec.arriving = slope_at(interval.to);
  }
  return spec;
}

// The slope of the chord between the neighbours (Catmull-Rom in time), one-sided at the ends; holds
// do not count, since the picture stands there.
Slope FrameScript::slope_at(int keyframe) const {
  // An interval has the number of the keyframe that it leaves; a loop's last arrives at the first.
  const auto& intervals = timeline_.intervals();
  const auto index = static_cast<std::size_t>(keyframe);
  const Interval* arrives = nullptr;
  if (keyframe > 0) arrives = &intervals[index - 1];
  if (keyframe == 0 && intervals.back().to == 0) arrives = &intervals.back();
  const Interval* leaves = index < intervals.size() ? &intervals[index] : nullptr;
  Slope slope{.before = arrives != nullptr ? arrives->from : keyframe,
              .after = leaves != nullptr ? leaves->to : keyframe};
  for (const Interval* interval : {arrives, leaves}) {
    if (interval != nullptr) slope.frames += interval->last - interval->first;
  }
  return slope;
}

}  // namespace latentreel::scenes
