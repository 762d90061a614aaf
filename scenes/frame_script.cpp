#include "scenes/frame_script.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "scenes/curve_evaluator.h"
#include "scenes/easing.h"
#include "scenes/section_rows.h"

namespace latentreel::scenes {
namespace {

// Of a constant none: then frames go evenly.
std::vector<std::int64_t> sums_of(const FrameValues& speed) {
  std::vector<std::int64_t> sums;
  if (speed.is_constant()) return sums;
  sums = {0};
  // Whole millionths: their sums are exact, so equal speeds give exactly the even way.
  for (std::int64_t frame = 0; frame < speed.size(); ++frame) {
    sums.push_back(sums.back() + std::llround(speed.at(frame) * 1e6));
  }
  return sums;
}

}  // namespace

FrameScript::FrameScript(Timeline timeline, const Scene& scene, const Signals& signals)
    : timeline_(std::move(timeline)), options_(scene.interpolate), pulse_options_(scene.pulse) {
  CurveEvaluator evaluator(timeline_, scene, signals);
  speed_sums_ = sums_of(evaluator.values("speed", interpolate_rows(), scene.interpolate));
  pulse_ = evaluator.values("amount", pulse_rows(), scene.pulse);
  brightness_ = evaluator.values("brightness", picture_rows(), scene.picture);
  contrast_ = evaluator.values("contrast", picture_rows(), scene.picture);
  saturation_ = evaluator.values("saturation", picture_rows(), scene.picture);
  if (scene.captions) captions_.emplace(timeline_, scene);
  for (const auto& keyframe : scene.keyframes) cuts_.push_back(keyframe.cut);
  if (scene.source.on()) {
    chains_ = FrameChains(timeline_, scene, {});
    camera_ = CameraPath(timeline_, scene, evaluator);
  } else if (scene.feedback.on) {
    chains_ = FrameChains(timeline_, scene, CameraPath::steps(timeline_, scene, evaluator));
  } else {
    camera_ = CameraPath(timeline_, scene, evaluator);
  }
  if (!chains_.empty()) find_weights(scene, signals);
}

void FrameScript::find_weights(const Scene& scene, const Signals& signals) {
  std::vector<std::pair<int, int>> rules;
  for (std::int64_t frame = 0; frame < timeline_.frame_count(); ++frame) {
    const auto rule = on_the_way(frame);
    rules.emplace_back(rule.from, rule.to);
  }
  weights_ = ruling_weights(scene, timeline_, signals, rules);
}

ChainStep FrameScript::step(std::int64_t frame) const {
  auto step = chains_.step(frame, on_the_way(frame));
  const bool own_picture = step.number == 0 && !step.footage;
  if (!own_picture) step.weights = weights(frame);
  return step;
}

FrameSpec FrameScript::at(std::int64_t frame) const {
  frame = std::clamp<std::int64_t>(frame, 0, timeline_.frame_count() - 1);
  FrameSpec spec = on_the_way(frame);
  if (!chains_.empty()) {
    spec = {.from = spec.from, .to = spec.to, .amount = spec.amount};
    spec.chain = chains_.place_of(frame);
  }
  spec.pulse = pulse_of(spec, frame);
  spec.grade = {.brightness = brightness_.at(frame),
                .contrast = contrast_.at(frame),
                .saturation = saturation_.at(frame)};
  if (captions_) spec.caption = captions_->at(frame, spec);
  spec.camera = camera_.at(frame);
  return spec;
}

FrameSpec FrameScript::on_the_way(std::int64_t frame) const {
  const auto position = timeline_.at(frame);
  const auto index = timeline_.interval_at(frame);
  if (!index || leads_to_a_cut(timeline_.intervals()[*index])) {
    return {.from = position.from, .to = position.from};
  }
  const double share = share_at(*index, frame);
  if (share <= 0) return {.from = position.from, .to = position.from};
  if (share >= 1) return {.from = position.to, .to = position.to};
  FrameSpec spec = along(*index);
  spec.amount = ease(options_.easing, share);
  spec.paced = options_.pacing == Pacing::even;
  return spec;
}

bool FrameScript::leads_to_a_cut(const Interval& interval) const {
  return cuts_[static_cast<std::size_t>(interval.to)];
}

double FrameScript::share_at(std::size_t index, std::int64_t frame) const {
  const Interval& interval = timeline_.intervals()[index];
  const auto sum = [&](std::int64_t end) {
    return speed_sums_[static_cast<std::size_t>(end)] -
           speed_sums_[static_cast<std::size_t>(interval.first)];
  };
  if (speed_sums_.empty() || sum(interval.last) == 0) return timeline_.at(frame).amount;
  return static_cast<double>(sum(frame)) / static_cast<double>(sum(interval.last));
}

Pulse FrameScript::pulse_of(const FrameSpec& spec, std::int64_t frame) const {
  const double amount = pulse_.at(frame);
  if (amount <= 0) return {};
  if (pulse_options_.towards == PulseTarget::noise) {
    return {.amount = amount, .towards = -1, .seed = pulse_options_.seed};
  }
  const int target = pulse_target(spec);
  const bool there = spec.is_still() && target == spec.from;
  if (target < 0 || there) return {};
  return {.amount = amount, .towards = target};
}

// -1: there is none, as of what comes before the first keyframe.
int FrameScript::pulse_target(const FrameSpec& spec) const {
  const int last = static_cast<int>(timeline_.keyframe_frames().size()) - 1;
  const bool loop = timeline_.intervals().size() > static_cast<std::size_t>(last);
  switch (pulse_options_.towards) {
    case PulseTarget::next:
      if (!spec.is_still()) return spec.to;
      return spec.from < last ? spec.from + 1 : loop ? 0 : -1;
    case PulseTarget::previous:
      if (!spec.is_still()) return spec.from;
      return spec.from > 0 ? spec.from - 1 : loop ? last : -1;
    case PulseTarget::keyframe:
      return pulse_options_.keyframe;
    case PulseTarget::noise:
      break;
  }
  return -1;
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
  // Nothing of a spline passes a cut.
  if (arrives != nullptr && leads_to_a_cut(*arrives)) arrives = nullptr;
  if (leaves != nullptr && leads_to_a_cut(*leaves)) leaves = nullptr;
  Slope slope{.before = arrives != nullptr ? arrives->from : keyframe,
              .after = leaves != nullptr ? leaves->to : keyframe};
  for (const Interval* interval : {arrives, leaves}) {
    if (interval != nullptr) slope.frames += interval->last - interval->first;
  }
  return slope;
}

}  // namespace latentreel::scenes
