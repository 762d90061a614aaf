#pragma once

// Easing curves: how a change speeds up and slows down, be it from keyframe to keyframe or from
// point to point of a curve.

namespace latentreel::scenes {

enum class Easing { linear, ease_in, ease_out, ease_in_out, smoothstep };

// The eased part of the change at `amount` of the way. Exactly 0 at 0 and 1 at 1, never decreasing;
// `amount` is clamped to [0, 1].
//   linear       t
//   ease-in      t^2
//   ease-out     1 - (1 - t)^2
//   ease-in-out  2 t^2 up to the middle, 1 - 2 (1 - t)^2 after it
//   smoothstep   3 t^2 - 2 t^3
double ease(Easing easing, double amount);

}  // namespace latentreel::scenes
