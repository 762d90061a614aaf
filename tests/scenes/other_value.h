#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "scenes/optimize_rows.h"

namespace latentreel::scenes {

// For an option of [optimize], the TOML of a value that is allowed and not the one it has: what
// tests over all options change them to.
inline std::string other_value(const Row<OptimizeOptions>& row, const OptimizeOptions& options) {
  using Owner = OptimizeOptions;
  const auto inside = [](double now, Range range) {
    const double middle = range.min + (std::min(range.max, range.min + 1) - range.min) / 2;
    return toml(now == middle ? middle / 2 : middle);
  };
  return std::visit(
      Overloaded{
          [&](const Integer<Owner>& type) {
            const int now = options.*type.field;
            return std::to_string(now < type.max ? now + 1 : now - 1);
          },
          [&](const Number<Owner>& type) { return inside(options.*type.field, type.range); },
          [&](const OptionalNumber<Owner>& type) {
            return inside((options.*type.field).value_or(-1), type.range);
          },
          [&](const Pair<Owner>&) { return std::string("[0.2, 0.3]"); },
          [&](const Boolean<Owner>& type) { return toml(!(options.*type.field)); },
          [&](const Choice<Owner>& type) {
            const auto words = type.words();
            return toml_text(type.get(options) == words[0] ? words[1] : words[0]);
          },
          [&](const Animatable<Owner>&) { return std::string(row.example); },
          [&](const AnimatablePair<Owner>&) { return std::string(row.example); },
          [&](const ChangingWeight<Owner>& type) {
            return inside(options.*type.field, type.range);
          },
          [&](const Custom<Owner>&) { return std::string(row.example); },
      },
      row.type);
}

}  // namespace latentreel::scenes
