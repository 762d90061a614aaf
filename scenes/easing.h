#pragma once

#include "scenes/scene.h"

// How change gathers and loses speed between two keyframes.

namespace latentreel::scenes {

// The eased part of the change at `amount` of the way. Exactly 0 at 0 and 1 at 1, never falling;
// values outside [0, 1] are taken as the nearer end.
//   linear       t
//   ease-in      t^2
//   ease-out     1 - (1 - t)^2
//   ease-in-out  2 t^2 up to the middle, 1 - 2 (1 - t)^2 after it
//   smoothstep   3 t^2 - 2 t^3
double ease(Easing easing, double amount);

}  // namespace latentreel::scenes
