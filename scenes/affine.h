#pragma once

// Maps of the plane. Internal to the room.

namespace latentreel::scenes {

// (u, v) -> (xx u + xy v + x, yx u + yy v + y).
struct Affine {
  double xx = 1, xy = 0, x = 0;
  double yx = 0, yy = 1, y = 0;

  friend bool operator==(const Affine&, const Affine&) = default;
};

// First b, then a.
Affine operator*(const Affine& a, const Affine& b);

// How fast every point moves: (u, v) by (xx u + xy v + x, yx u + yy v + y) a second.
struct Velocity {
  double xx = 0, xy = 0, x = 0;
  double yx = 0, yy = 0, y = 0;

  friend bool operator==(const Velocity&, const Velocity&) = default;
};

// Where points get to in `seconds`, of any sign, at this velocity: the exponential of the 3x3
// matrix with a last row of zeros, times seconds. Its error is about 1e-16, relative to the largest
// entry, times the norm of velocity times seconds, or once where that is below 1. Sums and products
// alone, so it is the same on every machine. Infinite or NaN beyond the numbers of double.
Affine moved_for(const Velocity& velocity, double seconds);

}  // namespace latentreel::scenes
