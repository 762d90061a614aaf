#pragma once

#include <vector>

#include "scenes/tempo_map.h"

// Puts a tempo map together change by change, as tempo tracks of music programs tell it. Beats are
// those of the time signature: eighths in 6/8. Beat 1 of bar 1 is at second 0. Internal to the
// room.

namespace latentreel::scenes {

struct TimeSignature {
  int beats = 4;  // in a bar
  int unit = 4;   // 4: a beat is a quarter note, 8: an eighth

  friend bool operator==(const TimeSignature&, const TimeSignature&) = default;
};

// The most beats that a map is built of, and beats of a bar.
inline constexpr std::int64_t kMostBeats = 1'000'000;
inline constexpr int kMostBeatsInBar = 64;

// Whether `signature` has from 1 to kMostBeatsInBar beats, and the unit is a power of 2 to 64.
bool is_sensible(TimeSignature signature);

class TempoBuilder {
 public:
  // `quarter`: seconds a quarter note, above 0.
  TempoBuilder(RationalTime quarter, TimeSignature signature);

  // Goes on to `time`, before which `quarters` quarter notes have passed since the last change.
  // Fine fractions of a beat are rounded to millionths, and to whole beats what is within a
  // thousandth of one: programs write rounded times. Does nothing unless time moves on. Throws
  // std::overflow_error beyond kMostBeats.
  void go_on(RationalTime time, long double quarters);
  // The same where the number of quarters is exact.
  void go_on(RationalTime time, RationalTime quarters);
  // The tempo glides evenly from one to the other, in beats a minute of quarter notes, until
  // `time`. Each beat on the way is rounded to a millionth of a second.
  void glide(RationalTime time, double from_bpm, double to_bpm);

  // From here on. A new signature begins a bar.
  void set_quarter(RationalTime quarter);
  void set_signature(TimeSignature signature);

  RationalTime time() const { return points_.back().time; }

  TempoMap build() &&;

 private:
  void add(RationalTime beat, RationalTime time);
  RationalTime period() const;

  RationalTime quarter_;
  RationalTime first_period_;
  TimeSignature signature_;
  std::vector<BeatTime> points_;
  std::vector<Meter> meters_;
};

}  // namespace latentreel::scenes
