#include "scenes/frame_chains.h"

#include <algorithm>
#include <utility>

namespace latentreel::scenes {

FrameChains::FrameChains(const Timeline& timeline, const Scene& scene, CameraPath camera)
    : camera_(std::move(camera)),
      footage_(scene.source.on()),
      clip_from_(scene.source.from),
      fps_(timeline.fps()) {
  // Where chains begin, and with whose picture.
  std::vector<std::pair<std::int64_t, int>> beginnings = {{0, 0}};
  for (std::size_t i = 1; i < scene.keyframes.size(); ++i) {
    const auto frame = timeline.keyframe_frames()[i];
    if (scene.keyframes[i].cut) beginnings.emplace_back(frame, static_cast<int>(i));
  }
  for (const auto& segment : segments(timeline.frame_count(), timeline.fps(), kGroupsPerSegment)) {
    for (auto first = segment.first; first < segment.end;) {
      // The last that begins at or before this frame, and where the next one does.
      const auto next = std::upper_bound(
          beginnings.begin(), beginnings.end(), first,
          [](std::int64_t frame, const auto& beginning) { return frame < beginning.first; });
      const auto& [begun, keyframe] = *std::prev(next);
      const auto end = next == beginnings.end() ? segment.end : std::min(segment.end, next->first);
      parts_.push_back({.range = {first, end}, .keyframe = keyframe, .begins = begun == first});
      first = end;
    }
  }
}

Chained FrameChains::place_of(std::int64_t frame) const {
  const auto after = std::upper_bound(
      parts_.begin(), parts_.end(), frame,
      [](std::int64_t wanted, const ChainPart& part) { return wanted < part.range.first; });
  const auto part = std::prev(after);
  return {.part = static_cast<int>(part - parts_.begin()), .number = frame - part->range.first};
}

ChainStep FrameChains::step(std::int64_t frame, const FrameSpec& rule) const {
  auto begun = parts_.begin() + place_of(frame).part;
  while (!begun->begins) --begun;
  const auto number = frame - begun->range.first;
  if (number == 0 && !footage_) return {.from = begun->keyframe, .to = begun->keyframe};
  ChainStep step{.number = number, .from = rule.from, .to = rule.to, .amount = rule.amount};
  if (footage_) {
    step.footage = true;
    step.shown = clip_from_ + time_of_frame(frame, fps_);
  } else {
    step.camera = camera_.at(frame);
  }
  return step;
}

}  // namespace latentreel::scenes
