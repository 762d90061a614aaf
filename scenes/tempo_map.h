#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scenes/rational_time.h"

// Where beats and bars fall in a song. Beats and bars count from 1 and may be fractions (beat 33.5
// lies half way to beat 34). Every beat is computed from its number, never from the beat before, so
// nothing drifts. All times are the song's own.

namespace latentreel::scenes {

struct MusicOptions;

// A beat whose time is known.
struct BeatTime {
  RationalTime beat;
  RationalTime time;

  friend bool operator==(const BeatTime&, const BeatTime&) = default;
};

// From `beat` on, where bar number `bar` begins, bars have this many beats.
struct Meter {
  RationalTime beat = {1, 1};
  std::int64_t bar = 1;
  int beats_per_bar = 4;

  friend bool operator==(const Meter&, const Meter&) = default;
};

// A beat of a bar, counted from 1.
struct BarPosition {
  std::int64_t bar = 1;
  RationalTime beat = {1, 1};

  friend bool operator==(const BarPosition&, const BarPosition&) = default;
};

class TempoMap {
 public:
  // An even tempo of `bpm` beats a minute whose beat 1 sounds at `offset`.
  // Throws std::domain_error unless bpm > 0 and beats_per_bar > 0.
  static TempoMap even(RationalTime bpm, RationalTime offset, int beats_per_bar = 4);

  // Beats at `times`, the first of which is beat 1. Before the first and after the last the nearest
  // period continues. Throws std::domain_error unless `times` are strictly increasing and at least
  // two.
  static TempoMap from_beats(std::vector<RationalTime> times, int beats_per_bar = 4);
  // The same with bars of changing lengths, see from_points().
  static TempoMap from_beats(std::vector<RationalTime> times, std::vector<Meter> meters);

  // Beats follow each other evenly between two points; before the first point a beat takes
  // `first_period` seconds and after the last `last_period`. Bars before the first meter are as
  // long as its own; where the next meter begins within a bar, that bar is cut short.
  // Throws std::domain_error unless there is a point and a meter, beats, times and bars are
  // strictly increasing, a meter's bar is the first that can begin there, and periods and bars are
  // above 0.
  static TempoMap from_points(std::vector<BeatTime> points, RationalTime first_period,
                              RationalTime last_period, std::vector<Meter> meters);

  // When `beat` sounds.
  RationalTime time_of_beat(RationalTime beat) const;
  // When `beat` of `bar` sounds. A fraction of a bar is one of its own length.
  RationalTime time_of_bar(RationalTime bar, RationalTime beat = {1, 1}) const;
  // The beat, as a fraction, that sounds at `time`: the inverse of time_of_beat.
  RationalTime beat_at(RationalTime time) const;
  // The bar, as a fraction, that sounds at `time`: the inverse of time_of_bar.
  RationalTime bar_at(RationalTime time) const;
  // The same as a beat of the bar.
  BarPosition position_at(RationalTime time) const;
  // How many beats the bar has: a fraction where the bar is cut short within a beat.
  RationalTime beats_in_bar(std::int64_t bar) const;

 private:
  // A bar and the beats where it begins and where the next one does.
  struct Bar {
    std::int64_t number;
    RationalTime begin, end;
  };

  TempoMap() = default;
  Bar bar_numbered(std::int64_t bar) const;
  Bar bar_around(RationalTime beat) const;
  Bar bar_of(std::size_t meter, std::int64_t bar) const;

  std::vector<BeatTime> points_;
  RationalTime first_period_, last_period_;
  std::vector<Meter> meters_;
};

// "bar 9 beat 3", or "bar 9 beat 3.25" rounded to hundredths: for people.
std::string format_bar(const TempoMap& tempo, RationalTime song_time);

// The tempo of `music`: its bpm, else that of its beats file (which is read, unless it came with
// the scene), else none. Throws SceneError.
std::optional<TempoMap> tempo_map(const MusicOptions& music);

}  // namespace latentreel::scenes
