#pragma once

#include <string>
#include <vector>

// How loud a part of the song is over time, as curves read it by name ("kick", "low").

namespace latentreel::scenes {

// What of the sound is measured.
enum class SignalSource {
  rms,         // loudness of everything
  band,        // loudness between two frequencies
  onsets,      // how suddenly sound begins
  percussive,  // the energy of drums and other short sounds
  harmonic,    // the energy of held tones
};

struct SignalOptions {
  std::string name;  // as expressions write it: a letter, then letters, digits and underscores
  SignalSource source = SignalSource::rms;
  double band_from = 20.0, band_to = 20000.0;  // Hz, of SignalSource::band
  double attack = 0.0;   // seconds in which the signal follows a rise by 63 %; 0: at once
  double release = 0.2;  // seconds in which it follows a fall by 63 %
  // The level that becomes 1, as a fraction of the song's levels that lie below it: at 0.98 the
  // loudest fiftieth of the song is clipped to 1.
  double clip = 0.98;
  double gain = 1.0;   // multiplies the level, after clip
  double power = 1.0;  // then raises it: above 1, only what is loud remains

  friend bool operator==(const SignalOptions&, const SignalOptions&) = default;
};

// A measured signal: values[i] is the level around `start + i * step` seconds of the song, in
// [0, 1].
struct Signal {
  double start = 0.0;
  double step = 0.01;  // seconds, above 0
  std::vector<float> values;

  // The level at `song_time` seconds, between two values in proportion; before the first value and
  // after the last, 0.
  double at(double song_time) const;
};

}  // namespace latentreel::scenes
