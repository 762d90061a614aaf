#include "scenes/curve_names.h"

#include <array>
#include <utility>

namespace latentreel::scenes {
namespace {

constexpr std::array<std::pair<std::string_view, FrameQuantity>, 6> kQuantities{
    {{"t", FrameQuantity::time},
     {"frame", FrameQuantity::frame},
     {"beat", FrameQuantity::beat},
     {"bar", FrameQuantity::bar},
     {"beat_phase", FrameQuantity::beat_phase},
     {"bar_phase", FrameQuantity::bar_phase}}};

}  // namespace

std::optional<FrameQuantity> frame_quantity(std::string_view name) {
  for (const auto& [known, quantity] : kQuantities) {
    if (known == name) return quantity;
  }
  return std::nullopt;
}

bool needs_tempo(FrameQuantity quantity) {
  return quantity != FrameQuantity::time && quantity != FrameQuantity::frame;
}

std::vector<std::string_view> curve_names(std::span<const SignalOptions> signals) {
  std::vector<std::string_view> names;
  for (const auto& [name, quantity] : kQuantities) names.push_back(name);
  for (const SignalOptions& signal : signals) names.push_back(signal.name);
  return names;
}

std::vector<const Curve*> curves_of(const Scene& scene) {
  std::vector<const Curve*> curves = {
      &scene.interpolate.speed, &scene.pulse.amount,       &scene.picture.brightness,
      &scene.picture.contrast,  &scene.picture.saturation, &scene.motion.zoom,
      &scene.motion.pan_x,      &scene.motion.pan_y,       &scene.motion.rotate,
      &scene.motion.shear,      &scene.motion.center_x,    &scene.motion.center_y};
  const auto add = [&](const std::optional<Curve>& curve) {
    if (curve) curves.push_back(&*curve);
  };
  for (const Keyframe& keyframe : scene.keyframes) {
    const auto& options = keyframe.optimize;
    for (const Prompt& prompt : keyframe.prompts) add(prompt.weight_curve);
    for (const Prompt& prompt : options.exclude) add(prompt.weight_curve);
    add(options.include_weight_curve);
    add(options.exclude_weight_curve);
    add(options.extra_weight_curve);
  }
  return curves;
}

}  // namespace latentreel::scenes
