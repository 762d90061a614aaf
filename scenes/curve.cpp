#include "scenes/curve.h"

#include <fmt/format.h>

#include <algorithm>

#include "scenes/option_row.h"
#include "scenes/toml_text.h"

namespace latentreel::scenes {
namespace {

std::string point_text(const CurvePoint& point) {
  if (point.easing == Easing::linear) {
    return fmt::format("[{}, {}]", toml(point.at), toml(point.value));
  }
  return fmt::format("[{}, {}, {}]", toml(point.at), toml(point.value), toml_word(point.easing));
}

}  // namespace

double value_at(const CurvePoints& points, RationalTime time) {
  const auto after =
      std::upper_bound(points.begin(), points.end(), time,
                       [](RationalTime at, const CurvePoint& point) { return at < point.at; });
  if (after == points.begin()) return points.front().value;
  const CurvePoint& from = *(after - 1);
  // Compared exactly: on a point, fractions of seconds in doubles might come out beside it.
  if (after == points.end() || time == from.at) return from.value;
  const double begin = from.at.to_seconds();
  const double part =
      ease(after->easing, (time.to_seconds() - begin) / (after->at.to_seconds() - begin));
  return (1 - part) * from.value + part * after->value;
}

std::string toml(const Curve& curve) {
  return std::visit(Overloaded{
                        [](double constant) { return toml(constant); },
                        [](const CurvePoints& points) { return toml_list(points, point_text); },
                        [](const std::string& expression) { return toml_text(expression); },
                    },
                    curve.form);
}

}  // namespace latentreel::scenes
