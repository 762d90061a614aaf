#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "scenes/rational_time.h"
#include "scenes/scene.h"

// The scene counted in frames. Frame i shows time i/fps; a keyframe sits on its nearest frame and
// stays through the frames whose time lies within its hold; before the first keyframe and after the
// last the picture stands still. Between two keyframes the amount of change grows evenly from 0 to
// 1; easing and pacing are applied to it later, elsewhere (frame_script.h).

namespace latentreel::scenes {

// The way from one keyframe to the next, in frames. `first` still shows `from` (the last frame of
// its hold), `last` already shows `to`; last > first. In a loop's last interval `last` is the
// film's frame count: the frame that would come next, which is frame 0.
struct Interval {
  int from = 0;
  int to = 0;
  std::int64_t first = 0;
  std::int64_t last = 0;

  friend bool operator==(const Interval&, const Interval&) = default;
};

// What a frame shows: keyframe `from`, changed by `amount` towards `to`.
struct FramePosition {
  int from = 0;
  int to = 0;           // == from where the picture stands still
  double amount = 0.0;  // [0, 1), linear in time, before pacing and easing; exactly 0 on keyframes

  friend bool operator==(const FramePosition&, const FramePosition&) = default;
};

// Frames first, first + 1, ..., end - 1.
struct FrameRange {
  std::int64_t first = 0;
  std::int64_t end = 0;

  std::int64_t size() const { return end - first; }
  friend bool operator==(const FrameRange&, const FrameRange&) = default;
};

// The last frame that still shows `keyframe`: its own, or the last whose time lies within its hold.
std::int64_t last_held_frame(const Keyframe& keyframe, FrameRate fps);

class Timeline {
 public:
  // `song_duration`: the whole song's, if there is one and it is known. The film lasts for the
  // scene's duration; else until the end of the song (of its part); else until one frame after the
  // last keyframe's hold. Throws SceneError when the song ends before the last keyframe, or a loop
  // has no time for the way back, or the film would be too long.
  explicit Timeline(const Scene& scene, std::optional<RationalTime> song_duration = std::nullopt);

  FrameRate fps() const { return fps_; }
  std::int64_t frame_count() const { return frame_count_; }
  // frame_count / fps.
  RationalTime duration() const { return time_of_frame(frame_count_, fps_); }
  // The frame on which each keyframe sits. The last may equal frame_count: a film may end just
  // before it would arrive.
  const std::vector<std::int64_t>& keyframe_frames() const { return keyframe_frames_; }
  // The last frame of each keyframe's hold, as if the film went on for ever.
  const std::vector<std::int64_t>& hold_ends() const { return hold_ends_; }
  // In order; one fewer than keyframes, in a loop as many.
  const std::vector<Interval>& intervals() const { return intervals_; }
  // What `frame` shows; frames before 0 and after the end show what the nearest frame of the film
  // shows.
  FramePosition at(std::int64_t frame) const;
  // The index into intervals() in which `frame` changes; none where the picture stands still.
  std::optional<std::size_t> interval_at(std::int64_t frame) const;

 private:
  FrameRate fps_;
  std::int64_t frame_count_ = 0;
  std::vector<std::int64_t> keyframe_frames_;
  std::vector<std::int64_t> hold_ends_;
  std::vector<Interval> intervals_;
};

// Frames in a closed group of pictures of 2 s, the nearest whole number: 48 at 24 fps.
std::int64_t gop_frames(FrameRate fps);

// Whole groups in a segment: a segment is about two seconds, the most that a kill can cost.
inline constexpr int kGroupsPerSegment = 1;

// The film cut into segments of `gops_per_segment` whole groups each, the last shorter.
std::vector<FrameRange> segments(std::int64_t frame_count, FrameRate fps, int gops_per_segment = 2);

}  // namespace latentreel::scenes
