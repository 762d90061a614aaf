#include "scenes/easing.h"

#include <algorithm>

namespace latentreel::scenes {

double ease(Easing easing, double amount) {
  const double t = std::clamp(amount, 0.0, 1.0);
  const double rest = 1.0 - t;
  switch (easing) {
    case Easing::linear:
      return t;
    case Easing::ease_in:
      return t * t;
    case Easing::ease_out:
      return 1.0 - rest * rest;
    case Easing::ease_in_out:
      return t < 0.5 ? 2.0 * t * t : 1.0 - 2.0 * rest * rest;
    case Easing::smoothstep:
      // The upper half as the mirrored lower one: exact at 1, and rounding cannot make it fall.
      return t < 0.5 ? t * t * (3.0 - 2.0 * t) : 1.0 - rest * rest * (3.0 - 2.0 * rest);
  }
  return t;
}

}  // namespace latentreel::scenes
