#pragma once

#include <optional>
#include <span>
#include <tuple>
#include <utility>

#include "scenes/curve.h"
#include "scenes/option_row.h"
#include "scenes/section_reading.h"

// Reads the values of animatable keys. Internal to the room.

namespace latentreel::scenes {

// What curves may refer to.
struct CurveContext {
  const Clock& clock;
  std::span<const SignalOptions> signals;  // the scene's and the default ones
  bool has_song = false;                   // whether the scene names one, be it there or not
  bool frames_are_optimized = false;       // each on its own: [feedback] or [source]
};

inline constexpr std::size_t kMaxCurvePoints = 10'000;

// A number or points in `range`, or an expression over what the context knows; for a mistake none.
std::optional<Curve> read_curve(const Value& value, Expected expected, Range range,
                                const CurveContext& context, Mistakes& mistakes);

// A list of two such values.
std::optional<std::pair<Curve, Curve>> read_curve_pair(const Value& value, Expected expected,
                                                       Range range, const CurveContext& context,
                                                       Mistakes& mistakes);

// A weight: a number in `range` or, where every frame is optimized, a curve; for a mistake none.
std::optional<Curve> read_weight(const Value& value, Expected expected, Range range,
                                 const CurveContext& context, Mistakes& mistakes);
// Such a weight as a number, or as the curve by which it changes.
void put_weight(const Curve& weight, double& number, std::optional<Curve>& curve);

// Reads the keys of `table` whose rows are animatable into `owner`.
template <class Owner>
void read_curves(std::span<const Row<Owner>> rows, const Value& table, Owner& owner,
                 const CurveContext& context, Mistakes& mistakes) {
  for (const auto& row : rows) {
    const Entry* entry = table.find(row.key);
    if (entry == nullptr) continue;
    const Expected expected{.key = row.key, .example = row.example};
    if (const auto* type = std::get_if<Animatable<Owner>>(&row.type)) {
      auto curve = read_curve(entry->value, expected, type->range, context, mistakes);
      if (curve) owner.*(type->field) = std::move(*curve);
    } else if (const auto* two = std::get_if<AnimatablePair<Owner>>(&row.type)) {
      auto curves = read_curve_pair(entry->value, expected, two->range, context, mistakes);
      if (curves) std::tie(owner.*(two->first), owner.*(two->second)) = std::move(*curves);
    }
  }
}

}  // namespace latentreel::scenes
