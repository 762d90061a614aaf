#pragma once

#include <optional>
#include <span>

// One tempo for a list of beats. Internal to the room.

namespace latentreel::music {

// The line `offset + n * period` through beats n = 0, 1, ... by least squares. A tracker's own
// number is too rough for a grid: half a percent is a second in four minutes.
struct TempoFit {
  double period = 0;  // seconds
  double offset = 0;  // seconds: when the line says that the first beat sounds
  double error = 0;   // standard error of the period, in seconds
  double near = 0;    // the share of the beats within kNearBeat of the line; others did not count

  // Whether the line may take the beats' place.
  bool is_even() const { return near >= 0.85; }
};

inline constexpr double kNearBeat = 0.035;  // seconds

// None for fewer than eight beats. `beats` ascend strictly; where one is missing among them, or one
// too many, the numbers of those after it follow from their distances.
std::optional<TempoFit> fit_tempo(std::span<const double> beats);

// The roundest tempo, in beats a minute, that moves no beat of `seconds` of song by more than 5 ms
// from where the fit has it: 128 for 127.9994. The fit's to three decimals where there is none.
double round_tempo(const TempoFit& fit, double seconds);

}  // namespace latentreel::music
