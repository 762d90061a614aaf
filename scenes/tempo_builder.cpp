#include "scenes/tempo_builder.h"

#include <cmath>
#include <stdexcept>

namespace latentreel::scenes {
namespace {

constexpr std::int64_t kMillion = 1'000'000;
constexpr long double kNearBeat = 0.001L;

RationalTime in_millionths(long double value) {
  return {static_cast<std::int64_t>(std::llround(value * kMillion)), kMillion};
}

long double wide(RationalTime value) {
  return static_cast<long double>(value.numerator()) / value.denominator();
}

void check_count(long double beat) {
  if (!(beat <= kMostBeats)) throw std::overflow_error("a tempo map of too many beats");
}

RationalTime settled_beat(long double beat) {
  check_count(beat);
  const long double whole = std::round(beat);
  return in_millionths(std::abs(beat - whole) < kNearBeat ? whole : beat);
}

}  // namespace

bool is_sensible(TimeSignature signature) {
  const int unit = signature.unit;
  return signature.beats >= 1 && signature.beats <= kMostBeatsInBar && unit >= 1 && unit <= 64 &&
         (unit & (unit - 1)) == 0;
}

TempoBuilder::TempoBuilder(RationalTime quarter, TimeSignature signature)
    : quarter_(quarter),
      signature_(signature),
      points_{{{1, 1}, {}}},
      meters_{{.beats_per_bar = signature.beats}} {
  first_period_ = period();
}

RationalTime TempoBuilder::period() const {
  return quarter_ * RationalTime(4, signature_.unit);
}

void TempoBuilder::add(RationalTime beat, RationalTime time) {
  check_count(wide(beat));
  if (time <= points_.back().time || beat <= points_.back().beat) return;
  points_.push_back({beat, time});
}

void TempoBuilder::go_on(RationalTime time, long double quarters) {
  if (time <= points_.back().time) return;
  add(settled_beat(wide(points_.back().beat) + quarters * signature_.unit / 4), time);
}

void TempoBuilder::go_on(RationalTime time, RationalTime quarters) {
  if (time <= points_.back().time) return;
  check_count(wide(points_.back().beat) + wide(quarters) * signature_.unit / 4);
  const RationalTime beat = points_.back().beat + quarters * RationalTime(signature_.unit, 4);
  add(beat.denominator() <= kMillion ? beat : settled_beat(wide(beat)), time);
}

void TempoBuilder::glide(RationalTime time, double from_bpm, double to_bpm) {
  const BeatTime begin = points_.back();
  if (time <= begin.time) return;
  // At x seconds the tempo is from_bpm + slope * x, and its integral the quarters that have passed.
  const long double seconds = wide(time - begin.time);
  const long double slope = (static_cast<long double>(to_bpm) - from_bpm) / seconds;
  const long double beats_each = signature_.unit / 4.0L / 60;  // for a quarter a minute, a second
  const long double end =
      wide(begin.beat) + (static_cast<long double>(from_bpm) + to_bpm) / 2 * seconds * beats_each;
  check_count(end);
  for (long double beat = std::floor(wide(begin.beat)) + 1; beat < end - kNearBeat; ++beat) {
    const long double passed = (beat - wide(begin.beat)) / beats_each;
    const long double root = std::sqrt(
        std::max(0.0L, static_cast<long double>(from_bpm) * from_bpm + 2 * slope * passed));
    add({static_cast<std::int64_t>(beat), 1},
        begin.time + in_millionths(2 * passed / (from_bpm + root)));
  }
  add(settled_beat(end), time);
}

void TempoBuilder::set_quarter(RationalTime quarter) {
  quarter_ = quarter;
  if (points_.size() == 1) first_period_ = period();
}

void TempoBuilder::set_signature(TimeSignature signature) {
  signature_ = signature;
  if (points_.size() == 1) first_period_ = period();
  Meter& last = meters_.back();
  const RationalTime here = points_.back().beat;
  if (here == last.beat) {
    last.beats_per_bar = signature.beats;
    return;
  }
  const RationalTime bars = (here - last.beat) / RationalTime(last.beats_per_bar, 1);
  meters_.push_back({.beat = here,
                     .bar = last.bar + frames_to_cover(bars, {.numerator = 1, .denominator = 1}),
                     .beats_per_bar = signature.beats});
}

TempoMap TempoBuilder::build() && {
  return TempoMap::from_points(std::move(points_), first_period_, period(), std::move(meters_));
}

}  // namespace latentreel::scenes
