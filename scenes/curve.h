#pragma once

#include <string>
#include <variant>
#include <vector>

#include "scenes/easing.h"
#include "scenes/rational_time.h"

// The value of an animatable key over a film, as the scene says it. What it is at every frame is
// computed in curve_evaluator.h.

namespace latentreel::scenes {

struct CurvePoint {
  RationalTime at;  // of the film, not below 0
  double value = 0.0;
  Easing easing = Easing::linear;  // of the way from the point before to this one

  friend bool operator==(const CurvePoint&, const CurvePoint&) = default;
};

// At a point its value, exactly; before the first point and after the last, theirs. At least one,
// in order of time, no two at one time.
using CurvePoints = std::vector<CurvePoint>;

struct Curve {
  // A number for the whole film, points, or an expression (expression.h).
  std::variant<double, CurvePoints, std::string> form = 0.0;

  friend bool operator==(const Curve&, const Curve&) = default;
};

// The value of `points` at a time of the film.
double value_at(const CurvePoints& points, RationalTime time);

// The curve as a scene writes it: `1.5`, `[["0s", 1], ["4s", 1.4, "ease-in"]]`, `"1 + kick"`.
std::string toml(const Curve& curve);

}  // namespace latentreel::scenes
