#include "scenes/curve_reading.h"

#include <fmt/format.h>

#include <utility>

#include "scenes/curve_names.h"
#include "scenes/expression_scan.h"

namespace latentreel::scenes {
namespace {

constexpr std::string_view kPointExample = "[\"4s\", 1.4, \"ease-in\"]";

std::optional<RationalTime> read_point_time(const Value& value, Expected expected,
                                            const Clock& clock, Mistakes& mistakes) {
  const auto time = read_time(value, {.key = expected.key, .example = "\"4s\""}, clock, mistakes);
  if (!time || *time >= RationalTime()) return time;
  mistakes.add(value.position, fmt::format("{}: {} before the film begins; it uses the song from "
                                           "{} on",
                                           expected.key, format_seconds(RationalTime() - *time),
                                           format_seconds(clock.times.song_from)));
  return std::nullopt;
}

std::optional<CurvePoint> read_point(const Value& value, Expected expected, Range range,
                                     const Clock& clock, Mistakes& mistakes) {
  if (!value.is_list() || value.items.size() < 2 || value.items.size() > 3) {
    add_wrong_type(value, {.key = expected.key, .example = kPointExample},
                   "a point: a time, a value and perhaps an easing,", mistakes);
    return std::nullopt;
  }
  const auto at = read_point_time(value.items[0], expected, clock, mistakes);
  const auto number =
      read_number(value.items[1], {.key = expected.key, .example = "1.4"}, range, mistakes);
  const auto easing = value.items.size() < 3
                          ? std::optional(Easing::linear)
                          : read_enum<Easing>(value.items[2], expected.key, mistakes);
  if (!at || !number || !easing) return std::nullopt;
  return CurvePoint{.at = *at, .value = *number, .easing = *easing};
}

std::optional<Curve> read_points(const Value& list, Expected expected, Range range,
                                 const Clock& clock, Mistakes& mistakes) {
  if (list.items.empty() || list.items.size() > kMaxCurvePoints) {
    mistakes.add(list.position, fmt::format("{}: expected 1 to {} points, found {}", expected.key,
                                            kMaxCurvePoints, list.items.size()));
    return std::nullopt;
  }
  CurvePoints points;
  bool good = true;
  for (const Value& item : list.items) {
    const auto point = read_point(item, expected, range, clock, mistakes);
    good = good && point;
    if (!point) continue;
    if (!points.empty() && point->at <= points.back().at) {
      mistakes.add(item.position,
                   fmt::format("{}: a point at {} after one at {}", expected.key,
                               format_seconds(point->at), format_seconds(points.back().at)),
                   "write points in order of time, no two at one time");
      return std::nullopt;
    }
    points.push_back(*point);
  }
  if (!good) return std::nullopt;
  return Curve{std::move(points)};
}

// What an expression uses that the scene does not have, told once for each kind.
bool can_be_known(const Value& value, Expected expected, const ScannedExpression& scanned,
                  const CurveContext& context, Mistakes& mistakes) {
  bool tempo_told = false;
  bool song_told = false;
  const auto tell = [&](const VariableUse& use, bool& told, std::string_view what,
                        std::string hint) {
    if (std::exchange(told, true)) return;
    mistakes.add(mistakes.inside(value.position, value.text, use.offset),
                 fmt::format("{}: \"{}\" needs a {}", expected.key, use.name, what),
                 std::move(hint));
  };
  for (const VariableUse& use : scanned.uses) {
    const auto quantity = frame_quantity(use.name);
    if (quantity && needs_tempo(*quantity) && !context.clock.times.tempo) {
      // That the tempo itself is wrong was said already.
      if (!context.clock.tempo_is_good) return false;
      tell(use, tempo_told, "tempo", std::string(kHowToSetTempo));
    } else if (!quantity && !context.has_song) {
      tell(use, song_told, "song", "set file in [music]");
    }
  }
  return !tempo_told && !song_told;
}

std::optional<Curve> read_expression(const Value& value, Expected expected,
                                     const CurveContext& context, Mistakes& mistakes) {
  const auto scanned = scan_expression(value.text, curve_names(context.signals));
  if (scanned.mistake) {
    mistakes.add(mistakes.inside(value.position, value.text, scanned.mistake->offset),
                 fmt::format("{}: {}", expected.key, scanned.mistake->message),
                 scanned.mistake->hint);
    return std::nullopt;
  }
  if (!can_be_known(value, expected, scanned, context, mistakes)) return std::nullopt;
  return Curve{value.text};
}

}  // namespace

std::optional<Curve> read_curve(const Value& value, Expected expected, Range range,
                                const CurveContext& context, Mistakes& mistakes) {
  switch (value.kind) {
    case Value::Kind::integer:
    case Value::Kind::number: {
      const auto number = read_number(value, expected, range, mistakes);
      if (!number) return std::nullopt;
      return Curve{*number};
    }
    case Value::Kind::list:
      return read_points(value, expected, range, context.clock, mistakes);
    case Value::Kind::text:
      return read_expression(value, expected, context, mistakes);
    default:
      add_wrong_type(value, expected, "a number, points or an expression", mistakes);
      return std::nullopt;
  }
}

std::optional<Curve> read_weight(const Value& value, Expected expected, Range range,
                                 const CurveContext& context, Mistakes& mistakes) {
  const bool number = value.kind == Value::Kind::integer || value.kind == Value::Kind::number;
  if (number || context.frames_are_optimized) {
    return read_curve(value, expected, range, context, mistakes);
  }
  const bool curve = value.kind == Value::Kind::text || value.is_list();
  add_wrong_type(value, expected, "a number", mistakes,
                 curve ? "a weight may change only with [feedback] or [source], where every frame "
                         "is optimized; elsewhere pictures are made at keyframes alone"
                       : "");
  return std::nullopt;
}

void put_weight(const Curve& weight, double& number, std::optional<Curve>& curve) {
  const auto* constant = std::get_if<double>(&weight.form);
  number = constant != nullptr ? *constant : 1.0;
  curve = constant != nullptr ? std::nullopt : std::optional(weight);
}

std::optional<std::pair<Curve, Curve>> read_curve_pair(const Value& value, Expected expected,
                                                       Range range, const CurveContext& context,
                                                       Mistakes& mistakes) {
  if (!value.is_list() || value.items.size() != 2) {
    add_wrong_type(value, expected, "a list of two", mistakes);
    return std::nullopt;
  }
  const Expected each{.key = expected.key, .example = "0.1"};
  auto first = read_curve(value.items[0], each, range, context, mistakes);
  auto second = read_curve(value.items[1], each, range, context, mistakes);
  if (!first || !second) return std::nullopt;
  return std::pair(std::move(*first), std::move(*second));
}

}  // namespace latentreel::scenes
