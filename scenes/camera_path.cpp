#include "scenes/camera_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <string_view>
#include <utility>

#include "scenes/curve_evaluator.h"
#include "scenes/scene_error.h"
#include "scenes/section_rows.h"

namespace latentreel::scenes {
namespace {

constexpr std::int64_t kCellsASecond = 120;
constexpr double kUnit = 4294967296;     // entries are multiples of its inverse
constexpr double kFarthest = 1'048'576;  // so all of them are exact

// Width and height of the film, or anything in their proportion.
std::pair<double, double> proportions(const VideoOptions& video) {
  if (video.output_width > 0) return {video.output_width, video.output_height};
  return {video.width, video.height};
}

// The velocity of a film's points at any time, by its curves.
class Velocities {
 public:
  Velocities(const Scene& scene, CurveEvaluator& evaluator)
      : zoom_(evaluator.timed("zoom", motion_rows(), scene.motion)),
        rotate_(evaluator.timed("rotate", motion_rows(), scene.motion)),
        shear_(evaluator.timed("shear", motion_rows(), scene.motion)),
        pan_(evaluator.timed_pair("pan", motion_rows(), scene.motion)),
        center_(evaluator.timed_pair("center", motion_rows(), scene.motion)) {
    const auto [width, height] = proportions(scene.video);
    height_ = height / width;
  }

  bool are_constant() const {
    return zoom_.is_constant() && rotate_.is_constant() && shear_.is_constant() &&
           pan_.first.is_constant() && pan_.second.is_constant() && center_.first.is_constant() &&
           center_.second.is_constant();
  }

  Velocity at(RationalTime time) const {
    const double grow = std::log(zoom_.at(time));
    const double turn = rotate_.at(time) * std::numbers::pi / 180;
    Velocity v{.xx = grow, .xy = shear_.at(time) - turn, .yx = turn, .yy = grow};
    const double x = center_.first.at(time) - 0.5;
    const double y = (center_.second.at(time) - 0.5) * height_;
    v.x = -(v.xx * x + v.xy * y) - pan_.first.at(time);
    v.y = -(v.yx * x + v.yy * y) - pan_.second.at(time);
    return v;
  }

 private:
  TimedCurve zoom_, rotate_, shear_;
  std::pair<TimedCurve, TimedCurve> pan_, center_;
  double height_ = 1;  // in widths
};

// The inverse of the pose, from a time on to later and later ones.
class Walk {
 public:
  // `velocities` must outlive it.
  Walk(const Velocities& velocities, double from) : velocities_(velocities), from_(from) {
    if (velocities.are_constant()) constant_ = velocities.at(RationalTime());
    cell_ = cell_at(from);
  }

  // At `seconds` of the film, not before those asked for earlier.
  Affine sampling_at(double seconds) {
    if (constant_) return moved_for(*constant_, from_ - seconds);
    const std::int64_t cell = cell_at(seconds);
    while (cell_ < cell) {
      const double end = static_cast<double>(cell_ + 1) / kCellsASecond;
      done_ = done_ * moved_for(velocity(), from_ - end);
      from_ = end;
      ++cell_;
    }
    return done_ * moved_for(velocity(), from_ - seconds);
  }

 private:
  // On a boundary either cell will do: of the later one nothing has gone by yet.
  static std::int64_t cell_at(double seconds) {
    return static_cast<std::int64_t>(std::floor(seconds * kCellsASecond));
  }

  // Of the cell that has been reached; several frames may lie in one.
  const Velocity& velocity() {
    if (known_cell_ != cell_) {
      known_ = velocities_.at(RationalTime(2 * cell_ + 1, 2 * kCellsASecond));
      known_cell_ = cell_;
    }
    return known_;
  }

  const Velocities& velocities_;
  double from_;  // what came before is in done_
  std::optional<Velocity> constant_;
  Affine done_;
  std::int64_t cell_ = 0, known_cell_ = -1;
  Velocity known_;
};

double kept(double entry) {
  return std::round(entry * kUnit) / kUnit + 0.0;  // no -0
}

Affine kept(const Affine& a) {
  return {kept(a.xx), kept(a.xy), kept(a.x), kept(a.yx), kept(a.yy), kept(a.y)};
}

bool is_near(const Affine& a) {
  const auto near = [](double entry) { return std::abs(entry) <= kFarthest; };  // false for NaN
  return near(a.xx) && near(a.xy) && near(a.x) && near(a.yx) && near(a.yy) && near(a.y);
}

// So near that the frame is a single point of the picture, all of one colour.
bool is_too_near(const Affine& a) {
  const auto small = [](double entry) { return std::abs(entry) * kFarthest < 1; };
  return small(a.xx) && small(a.xy) && small(a.yx) && small(a.yy);
}

// what: what is wrong with where the camera is at that frame.
[[noreturn]] void fail_motion(const Scene& scene, std::int64_t frame, RationalTime time,
                              std::string_view what) {
  throw SceneError(
      SceneError::Kind::invalid,
      {{.file = scene.file.string(),
        .message = fmt::format("motion: at frame {} ({}) the camera is {}", frame,
                               format_seconds(time), what),
        .hint = "slow it down, let it come back, or set from = \"keyframe\" in [motion]"}});
}

void check_distance(const Affine& sampling, const Scene& scene, std::int64_t frame,
                    RationalTime time) {
  if (!is_near(sampling)) {
    fail_motion(
        scene, frame, time,
        fmt::format("too far away: the picture is {:.0f} times smaller, or as many frame widths "
                    "beside it",
                    kFarthest));
  }
  if (is_too_near(sampling)) {
    fail_motion(
        scene, frame, time,
        fmt::format("too near: the picture is {:.0f} times larger, and nothing in it can be told "
                    "apart",
                    kFarthest));
  }
}

// Since when the camera has moved.
class Beginnings {
 public:
  Beginnings(const Timeline& timeline, const Scene& scene) : timeline_(timeline), scene_(scene) {}

  // The keyframe that `frame` comes after or shows; -1: the film's beginning; none: none yet.
  std::optional<int> of(std::int64_t frame) const {
    if (scene_.motion.from == MotionFrom::film) return -1;
    const auto& frames = timeline_.keyframe_frames();
    const auto after = std::upper_bound(frames.begin(), frames.end(), frame);
    if (after == frames.begin()) return std::nullopt;
    return static_cast<int>(after - frames.begin()) - 1;
  }

  double seconds(int beginning) const {
    if (beginning < 0) return 0;
    return scene_.keyframes[static_cast<std::size_t>(beginning)].at.to_seconds();
  }

 private:
  const Timeline& timeline_;
  const Scene& scene_;
};

}  // namespace

RationalTime motion_time(RationalTime moment) {
  const RationalTime cells = moment * RationalTime(kCellsASecond, 1);
  const auto cell = cells.numerator() / cells.denominator();
  return {2 * cell + 1, 2 * kCellsASecond};
}

CameraPath::CameraPath(const Timeline& timeline, const Scene& scene, CurveEvaluator& evaluator)
    : edge_(scene.motion.edge) {
  const Velocities velocities(scene, evaluator);
  if (velocities.are_constant() && velocities.at(RationalTime()) == Velocity()) return;
  const Beginnings beginnings(timeline, scene);
  std::optional<int> beginning;
  std::optional<Walk> walk;
  std::vector<Affine> samplings;
  for (std::int64_t frame = 0; frame < timeline.frame_count(); ++frame) {
    const RationalTime time = time_of_frame(frame, timeline.fps());
    const auto begun = beginnings.of(frame);
    if (begun && begun != beginning) walk.emplace(velocities, beginnings.seconds(*begun));
    beginning = begun;
    Affine sampling;
    if (walk) {
      const double seconds = std::max(time.to_seconds(), beginnings.seconds(*begun));
      sampling = walk->sampling_at(seconds);
      check_distance(sampling, scene, frame, time);
    }
    samplings.push_back(sampling);
  }
  keep(std::move(samplings));
  const auto& video = scene.video;
  resized_ = video.output_width > 0 && std::pair(video.output_width, video.output_height) !=
                                           std::pair(video.width, video.height);
}

CameraPath CameraPath::steps(const Timeline& timeline, const Scene& scene,
                             CurveEvaluator& evaluator) {
  CameraPath path;
  path.edge_ = scene.motion.edge;
  const Velocities velocities(scene, evaluator);
  std::vector<Affine> samplings(static_cast<std::size_t>(timeline.frame_count()));
  if (velocities.are_constant()) {
    const auto step = moved_for(velocities.at(RationalTime()), -1 / timeline.fps().to_double());
    if (!samplings.empty()) std::fill(samplings.begin() + 1, samplings.end(), step);
  } else {
    const auto seconds = [&](std::int64_t frame) {
      return time_of_frame(frame, timeline.fps()).to_seconds();
    };
    for (std::int64_t frame = 1; frame < timeline.frame_count(); ++frame) {
      Walk walk(velocities, seconds(frame - 1));
      samplings[static_cast<std::size_t>(frame)] = walk.sampling_at(seconds(frame));
    }
  }
  path.keep(std::move(samplings));
  return path;
}

void CameraPath::keep(std::vector<Affine> samplings) {
  for (auto& sampling : samplings) sampling = kept(sampling);
  const auto moved = [](const Affine& sampling) { return sampling != Affine(); };
  if (std::any_of(samplings.begin(), samplings.end(), moved)) samplings_ = std::move(samplings);
}

Camera CameraPath::at(std::int64_t frame) const {
  if (!moves()) return {};
  const Affine& s = samplings_[static_cast<std::size_t>(frame)];
  // Where nothing of it is seen, the edge makes no other frames.
  const bool stands = s == Affine();
  return {.xx = s.xx,
          .xy = s.xy,
          .x = s.x,
          .yx = s.yx,
          .yy = s.yy,
          .y = s.y,
          .edge = stands ? Edge::mirror : edge_,
          .resized = resized_};
}

}  // namespace latentreel::scenes
