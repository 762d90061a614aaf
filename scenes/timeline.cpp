#include "scenes/timeline.h"

#include <fmt/format.h>

#include <algorithm>

#include "scenes/scene_error.h"
#include "scenes/scene_reader.h"

namespace latentreel::scenes {
namespace {

constexpr std::int64_t kGopSeconds = 2;

[[noreturn]] void fail(const Scene& scene, int line, std::string message, std::string hint) {
  throw SceneError(SceneError::Kind::invalid, {{.file = scene.file.string(),
                                                .line = line,
                                                .message = std::move(message),
                                                .hint = std::move(hint)}});
}

// The last frame that begins at or before `time`.
std::int64_t frame_at_or_before(RationalTime time, FrameRate fps) {
  const std::int64_t nearest = nearest_frame(time, fps);
  return time_of_frame(nearest, fps) <= time ? nearest : nearest - 1;
}

// How long the part of the song that the film takes lasts, if that is known.
std::optional<RationalTime> song_part(const Scene& scene, std::optional<RationalTime> song) {
  std::optional<RationalTime> end = scene.music.to;
  if (song && (!end || *song < *end)) end = song;
  if (!end) return std::nullopt;
  if (*end <= scene.music.from) {
    fail(scene, 0,
         fmt::format("the song lasts {}, but the part to use begins at {}", format_seconds(*end),
                     format_seconds(scene.music.from)),
         "set an earlier from in [music]");
  }
  return *end - scene.music.from;
}

}  // namespace

std::int64_t last_held_frame(const Keyframe& keyframe, FrameRate fps) {
  return std::max(nearest_frame(keyframe.at, fps),
                  frame_at_or_before(keyframe.at + keyframe.hold, fps));
}

Timeline::Timeline(const Scene& scene, std::optional<RationalTime> song_duration)
    : fps_(scene.video.fps) {
  for (const Keyframe& keyframe : scene.keyframes) {
    keyframe_frames_.push_back(nearest_frame(keyframe.at, fps_));
    hold_ends_.push_back(last_held_frame(keyframe, fps_));
  }
  const Keyframe& last = scene.keyframes.back();
  const int last_index = static_cast<int>(scene.keyframes.size()) - 1;

  const bool has_song = !scene.music.file.empty();
  const auto part =
      has_song && !scene.video.duration ? song_part(scene, song_duration) : std::nullopt;
  if (const auto end = scene.video.duration ? scene.video.duration : part) {
    frame_count_ = frames_to_cover(*end, fps_);
    if (last.at > *end) {
      fail(scene, last.line,
           fmt::format("the keyframe at {} is after the film's end at {}", format_seconds(last.at),
                       format_seconds(*end)),
           part ? "the film ends with its song; set duration in [video] for a longer one"
                : "set a longer duration in [video]");
    }
  } else {
    frame_count_ = hold_ends_.back() + 1;
  }
  if (frame_count_ > kMaxFrames) {
    fail(scene, 0, fmt::format("the film would have more than {} frames", kMaxFrames),
         "set duration in [video]");
  }

  for (int i = 0; i < last_index; ++i) {
    const auto index = static_cast<std::size_t>(i);
    intervals_.push_back({i, i + 1, hold_ends_[index], keyframe_frames_[index + 1]});
  }
  if (scene.interpolate.loop && last_index > 0) {
    if (hold_ends_.back() >= frame_count_ || (!scene.video.duration && !part)) {
      fail(scene, last.line, "no time is left for the loop's way back to the first keyframe",
           "set a longer duration in [video]");
    }
    intervals_.push_back({last_index, 0, hold_ends_.back(), frame_count_});
  }
}

std::optional<std::size_t> Timeline::interval_at(std::int64_t frame) const {
  const auto after = std::upper_bound(
      intervals_.begin(), intervals_.end(), frame,
      [](std::int64_t f, const Interval& interval) { return f <= interval.first; });
  if (after == intervals_.begin()) return std::nullopt;
  const auto index = static_cast<std::size_t>(after - intervals_.begin()) - 1;
  if (frame >= intervals_[index].last) return std::nullopt;
  return index;
}

FramePosition Timeline::at(std::int64_t frame) const {
  frame = std::clamp<std::int64_t>(frame, 0, frame_count_ - 1);
  if (const auto index = interval_at(frame)) {
    const Interval& interval = intervals_[*index];
    return {interval.from, interval.to,
            static_cast<double>(frame - interval.first) /
                static_cast<double>(interval.last - interval.first)};
  }
  const auto after = std::upper_bound(keyframe_frames_.begin(), keyframe_frames_.end(), frame);
  const int stands = std::max(0, static_cast<int>(after - keyframe_frames_.begin()) - 1);
  return {stands, stands, 0.0};
}

std::int64_t gop_frames(FrameRate fps) {
  return std::max<std::int64_t>(1, nearest_frame({kGopSeconds, 1}, fps));
}

std::vector<FrameRange> segments(std::int64_t frame_count, FrameRate fps, int gops_per_segment) {
  const std::int64_t length = gop_frames(fps) * std::max(1, gops_per_segment);
  std::vector<FrameRange> ranges;
  for (std::int64_t first = 0; first < frame_count; first += length) {
    ranges.push_back({first, std::min(first + length, frame_count)});
  }
  return ranges;
}

}  // namespace latentreel::scenes
