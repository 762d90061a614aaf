#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenes/rational_time.h"

// Where beats and bars fall in a song. Beats and bars count from 1 and may be fractions (beat 33.5
// lies half way to beat 34). Every beat is computed from its number, never from the beat before, so
// nothing drifts. All times are the song's own.

namespace latentreel::scenes {

struct MusicOptions;

class TempoMap {
 public:
  // An even tempo of `bpm` beats a minute whose beat 1 sounds at `offset`.
  // Throws std::domain_error unless bpm > 0 and beats_per_bar > 0.
  static TempoMap even(RationalTime bpm, RationalTime offset, int beats_per_bar = 4);

  // Beats at `times`, the first of which is beat 1. Before the first and after the last the nearest
  // period continues. Throws std::domain_error unless `times` are strictly increasing and at least
  // two.
  static TempoMap from_beats(std::vector<RationalTime> times, int beats_per_bar = 4);

  // When `beat` sounds.
  RationalTime time_of_beat(RationalTime beat) const;
  // When `beat` of `bar` sounds; beat 1 of bar 1 is beat 1.
  RationalTime time_of_bar(RationalTime bar, RationalTime beat = {1, 1}) const;
  // The beat, as a fraction, that sounds at `time`: the inverse of time_of_beat.
  RationalTime beat_at(RationalTime time) const;
  // The bar, as a fraction, that sounds at `time`: the inverse of time_of_bar.
  RationalTime bar_at(RationalTime time) const;
  int beats_per_bar() const { return beats_per_bar_; }

 private:
  TempoMap() = default;

  RationalTime period_;              // even tempo: seconds a beat
  RationalTime offset_;              // even tempo: when beat 1 sounds
  std::vector<RationalTime> beats_;  // a list of beats; empty: even tempo
  int beats_per_bar_ = 4;
};

// "bar 9 beat 3", or "bar 9 beat 3.25" rounded to hundredths: for people.
std::string format_bar(const TempoMap& tempo, RationalTime song_time);

// The beats of an Audacity label track: one line `start<TAB>end<TAB>text` per label, a beat at
// every start. Lines of frequencies (beginning with a backslash) and labels whose text begins with
// "section" are skipped; equal times count once. `file` is for messages. Throws SceneError.
std::vector<RationalTime> parse_beat_labels(std::string_view text,
                                            const std::filesystem::path& file);
// The same from a file of at most 4 MB.
std::vector<RationalTime> read_beat_labels(const std::filesystem::path& file);

// The tempo of `music`: its bpm, else its label file (which is read), else none. Throws SceneError.
std::optional<TempoMap> tempo_map(const MusicOptions& music);

}  // namespace latentreel::scenes
