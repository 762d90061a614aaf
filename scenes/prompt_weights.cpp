#include "scenes/prompt_weights.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

#include "scenes/curve_evaluator.h"
#include "scenes/optimize_rows.h"
#include "scenes/prompt_reading.h"

namespace latentreel::scenes {
namespace {

// Keyframes rule one after another, so that those of long ago are not asked for again.
constexpr std::size_t kKnownAtATime = 8;

// A weight in every frame.
class WeightInTime {
 public:
  WeightInTime(double number, const std::optional<Curve>& curve, std::string_view key, Range range,
               CurveEvaluator& evaluator)
      : number_(number) {
    if (curve) curve_.emplace(evaluator.framed(*curve, key, range));
  }

  // `time`: of a frame.
  double at(RationalTime time) const { return curve_ ? curve_->at(time) : number_; }

 private:
  double number_;
  std::optional<TimedCurve> curve_;
};

Range range_of(std::string_view key) {
  const auto rows = optimize_rows();
  const auto row =
      std::find_if(rows.begin(), rows.end(), [&](const auto& one) { return one.key == key; });
  return std::get<ChangingWeight<OptimizeOptions>>(row->type).range;
}

// All weights of a keyframe.
class KeyframeWeights {
 public:
  KeyframeWeights(const Keyframe& keyframe, CurveEvaluator& evaluator)
      : include_(option("include_weight", keyframe.optimize.include_weight,
                        keyframe.optimize.include_weight_curve, evaluator)),
        exclude_(option("exclude_weight", keyframe.optimize.exclude_weight,
                        keyframe.optimize.exclude_weight_curve, evaluator)),
        extra_(option("extra_weight", keyframe.optimize.extra_weight,
                      keyframe.optimize.extra_weight_curve, evaluator)) {
    for (const auto& prompt : keyframe.prompts) prompts_.push_back(of(prompt, evaluator));
    for (const auto& prompt : keyframe.optimize.exclude) {
      excluded_.push_back(of(prompt, evaluator));
    }
  }

  PromptWeights at(RationalTime time) const {
    PromptWeights weights{.prompts = {}, .extra = extra_.at(time)};
    for (const auto& prompt : prompts_) {
      weights.prompts.push_back(include_.at(time) * prompt.at(time));
    }
    for (const auto& prompt : excluded_) {
      weights.prompts.push_back(-exclude_.at(time) * prompt.at(time));
    }
    return weights;
  }

  void settle(Keyframe& keyframe, RationalTime time) const {
    auto& options = keyframe.optimize;
    options.include_weight = include_.at(time);
    options.exclude_weight = exclude_.at(time);
    options.extra_weight = extra_.at(time);
    for (std::size_t i = 0; i < prompts_.size(); ++i) {
      keyframe.prompts[i].weight = prompts_[i].at(time);
    }
    for (std::size_t i = 0; i < excluded_.size(); ++i) {
      options.exclude[i].weight = excluded_[i].at(time);
    }
  }

 private:
  static WeightInTime option(std::string_view key, double number, const std::optional<Curve>& curve,
                             CurveEvaluator& evaluator) {
    return {number, curve, key, range_of(key), evaluator};
  }
  static WeightInTime of(const Prompt& prompt, CurveEvaluator& evaluator) {
    return {prompt.weight, prompt.weight_curve, "weight", kPromptWeights, evaluator};
  }

  WeightInTime include_, exclude_, extra_;
  std::vector<WeightInTime> prompts_, excluded_;
};

}  // namespace

bool has_changing_weights(const Keyframe& keyframe) {
  const auto& options = keyframe.optimize;
  const auto changes = [](const Prompt& prompt) { return prompt.weight_curve.has_value(); };
  return std::any_of(keyframe.prompts.begin(), keyframe.prompts.end(), changes) ||
         std::any_of(options.exclude.begin(), options.exclude.end(), changes) ||
         options.include_weight_curve || options.exclude_weight_curve || options.extra_weight_curve;
}

bool has_changing_weights(const Scene& scene) {
  return std::any_of(scene.keyframes.begin(), scene.keyframes.end(),
                     [](const Keyframe& keyframe) { return has_changing_weights(keyframe); });
}

PromptWeights weights_of(const Keyframe& keyframe) {
  const auto& options = keyframe.optimize;
  PromptWeights weights{.prompts = {}, .extra = options.extra_weight};
  for (const auto& prompt : keyframe.prompts) {
    weights.prompts.push_back(options.include_weight * prompt.weight);
  }
  for (const auto& prompt : options.exclude) {
    weights.prompts.push_back(-options.exclude_weight * prompt.weight);
  }
  return weights;
}

void settle_weights(Scene& scene, const Timeline& timeline, const Signals& signals) {
  if (!has_changing_weights(scene)) return;
  const Scene as_read = scene;
  CurveEvaluator evaluator(timeline, as_read, signals);
  for (std::size_t i = 0; i < scene.keyframes.size(); ++i) {
    auto& keyframe = scene.keyframes[i];
    if (!has_changing_weights(keyframe)) continue;
    const auto time = time_of_frame(timeline.keyframe_frames()[i], timeline.fps());
    KeyframeWeights(as_read.keyframes[i], evaluator).settle(keyframe, time);
  }
}

std::vector<RulingWeights> ruling_weights(const Scene& scene, const Timeline& timeline,
                                          const Signals& signals,
                                          const std::vector<std::pair<int, int>>& rules) {
  const auto& keyframes = scene.keyframes;
  if (!has_changing_weights(scene)) return {};
  CurveEvaluator evaluator(timeline, scene, signals);
  std::map<int, KeyframeWeights> known;
  const auto weights_at = [&](int index, RationalTime time) -> PromptWeights {
    const auto& keyframe = keyframes[static_cast<std::size_t>(index)];
    if (!has_changing_weights(keyframe)) return {};
    auto found = known.find(index);
    if (found == known.end()) {
      if (known.size() == kKnownAtATime) known.clear();
      found = known.try_emplace(index, keyframe, evaluator).first;
    }
    return found->second.at(time);
  };
  std::vector<RulingWeights> frames;
  for (std::size_t frame = 0; frame < rules.size(); ++frame) {
    const auto time = time_of_frame(static_cast<std::int64_t>(frame), timeline.fps());
    const auto [from, to] = rules[frame];
    frames.push_back({.from = weights_at(from, time),
                      .to = from == to ? PromptWeights() : weights_at(to, time)});
  }
  return frames;
}

}  // namespace latentreel::scenes
