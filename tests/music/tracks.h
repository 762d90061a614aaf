// Songs that tests make themselves: drums, bass and chords whose beats are known.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

namespace latentreel::music {

// A mono song being put together. Sounds may reach beyond its end.
class Track {
 public:
  static constexpr int kRate = 44100;

  explicit Track(double seconds);

  void kick(double at, double loudness = 0.8);
  void snare(double at, double loudness = 0.5);
  void hat(double at, double loudness = 0.15);
  void click(double at, double loudness = 0.8);
  // A held sound of three notes, `attack` seconds until it is loud.
  void chord(double from, double until, const std::vector<double>& hertz, double attack = 0.01,
             double loudness = 0.2);
  void tone(double from, double until, double hertz, double loudness = 0.3);
  void noise(double from, double until, double loudness = 0.3);

  const std::vector<float>& samples() const { return samples_; }
  // As a WAV of 16 bits.
  void write(const std::filesystem::path& file) const;

 private:
  void add(double from, double seconds, const std::function<double(double)>& sound);
  double random();  // in [-1, 1]

  std::vector<float> samples_;
  std::uint32_t seed_ = 1;
};

// A song and when its beats sound. The first beat begins a bar of four.
struct KnownTrack {
  Track track;
  std::vector<double> beats;
};

KnownTrack house(double bpm, double first_beat, double seconds);
KnownTrack pop(const std::vector<double>& beats, double seconds);
KnownTrack pop(double bpm, double first_beat, double seconds);
KnownTrack swung_hip_hop(double bpm, double seconds);
KnownTrack drum_and_bass(double bpm, double seconds);
KnownTrack sparse_kick(double bpm, double seconds);
KnownTrack ramp(double from_bpm, double to_bpm, double seconds);
// Chords that change with every bar, without anything that begins suddenly.
KnownTrack pads(double bpm, double seconds);

// How well `found` is `known`, from 0 to 1: the F-measure of MIREX's beat tracking, where a beat
// counts if it is within 70 ms of one that is not taken. What lies before `from` seconds does not
// count.
double f_measure(const std::vector<double>& found, const std::vector<double>& known,
                 double from = 0);

}  // namespace latentreel::music
