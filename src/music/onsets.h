#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

// How suddenly sound begins: spectral flux, the sum of what rises from one frame to a later one.
// After S. Dixon, "Onset Detection Revisited", DAFx 2006, and, for looking two frames back, S. Böck
// and G. Widmer, "Maximum Filter Vibrato Suppression for Onset Detection", DAFx 2013. Internal to
// the room.

namespace latentreel::music {

// The sum, over values, of how much each rose since two frames ago.
class Rise {
 public:
  double operator()(std::vector<float> values);

 private:
  std::array<std::vector<float>, 2> before_;  // the older one first
};

// Spectral flux of all frequencies, compressed so that soft sounds count too.
class Onsets {
 public:
  // `power` as Frames::power gives it.
  double operator()(std::span<const float> power);

 private:
  Rise rise_;
};

// Flux of the energy below 6 kHz: drums and notes count, hi-hats hardly do.
class Accents {
 public:
  double operator()(std::span<const float> power);

 private:
  Rise rise_;
};

// The amplitudes in `count` bands from `from` to `to` Hz, each wider than the one below by the same
// factor.
std::vector<float> band_levels(std::span<const float> power, double from, double to, int count);

}  // namespace latentreel::music
