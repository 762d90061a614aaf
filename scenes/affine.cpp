#include "scenes/affine.h"

#include <algorithm>
#include <cmath>

namespace latentreel::scenes {
namespace {

// Below this norm so many terms of the series are exact to the last bit of double.
constexpr double kSmall = 0.5;
constexpr int kTerms = 16;

Velocity scaled(const Velocity& v, double factor) {
  return {v.xx * factor, v.xy * factor, v.x * factor, v.yx * factor, v.yy * factor, v.y * factor};
}

// The exponential of a small `a` less the identity, by Horner's scheme: a (1 + a/2 (1 + a/3
// (...))). Without the identity, whose 1 would swallow the last digits of what is small beside it.
Velocity small_exponential(const Velocity& a) {
  Velocity sum;
  for (int n = kTerms; n >= 1; --n) {
    // a/n + (a/n) sum; the last row of both is zero.
    const Velocity b = scaled(a, 1.0 / n);
    sum = {b.xx + (b.xx * sum.xx + b.xy * sum.yx), b.xy + (b.xx * sum.xy + b.xy * sum.yy),
           b.x + (b.xx * sum.x + b.xy * sum.y),    b.yx + (b.yx * sum.xx + b.yy * sum.yx),
           b.yy + (b.yx * sum.xy + b.yy * sum.yy), b.y + (b.yx * sum.x + b.yy * sum.y)};
  }
  return sum;
}

// (1 + m)^2 - 1 = 2 m + m m.
Velocity squared(const Velocity& m) {
  return {2 * m.xx + (m.xx * m.xx + m.xy * m.yx), 2 * m.xy + (m.xx * m.xy + m.xy * m.yy),
          2 * m.x + (m.xx * m.x + m.xy * m.y),    2 * m.yx + (m.yx * m.xx + m.yy * m.yx),
          2 * m.yy + (m.yx * m.xy + m.yy * m.yy), 2 * m.y + (m.yx * m.x + m.yy * m.y)};
}

}  // namespace

Affine operator*(const Affine& a, const Affine& b) {
  return {a.xx * b.xx + a.xy * b.yx, a.xx * b.xy + a.xy * b.yy, a.xx * b.x + a.xy * b.y + a.x,
          a.yx * b.xx + a.yy * b.yx, a.yx * b.xy + a.yy * b.yy, a.yx * b.x + a.yy * b.y + a.y};
}

Affine moved_for(const Velocity& velocity, double seconds) {
  Velocity step = scaled(velocity, seconds);
  // Of the linear part alone: what is far away from the origin moves as what is near.
  const double norm =
      std::max(std::abs(step.xx) + std::abs(step.xy), std::abs(step.yx) + std::abs(step.yy));
  const int halvings = norm > kSmall ? std::max(0, std::ilogb(norm / kSmall) + 1) : 0;
  step = small_exponential(scaled(step, std::ldexp(1.0, -halvings)));
  for (int i = 0; i < halvings; ++i) step = squared(step);
  return {1 + step.xx, step.xy, step.x, step.yx, 1 + step.yy, step.y};
}

}  // namespace latentreel::scenes
