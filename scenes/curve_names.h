#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "scenes/scene.h"

// The names that stand for numbers in the expressions of a scene. Internal to the room.

namespace latentreel::scenes {

// What a name says of a frame, where it is no signal of the song.
enum class FrameQuantity { time, frame, beat, bar, beat_phase, bar_phase };

std::optional<FrameQuantity> frame_quantity(std::string_view name);
// Whether it takes a tempo to know it.
bool needs_tempo(FrameQuantity quantity);

// All of them, then the names of `signals`, which must outlive the result.
std::vector<std::string_view> curve_names(std::span<const SignalOptions> signals);

// The values of all animatable keys, and the weights that change.
std::vector<const Curve*> curves_of(const Scene& scene);

}  // namespace latentreel::scenes
