#include "tests/music/tracks.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numbers>
#include <string>

namespace latentreel::music {
namespace {

constexpr double kTurn = 2 * std::numbers::pi;

const std::vector<std::vector<double>> kChords = {
    {220.0, 261.6, 329.6}, {174.6, 220.0, 261.6}, {196.0, 246.9, 293.7}, {164.8, 207.7, 246.9}};

std::vector<double> even(double bpm, double first_beat, double seconds) {
  std::vector<double> beats;
  for (int n = 0; first_beat + n * 60 / bpm < seconds; ++n)
    beats.push_back(first_beat + n * 60 / bpm);
  return beats;
}

// Time of a place in a bar that lies between two beats.
double between_beats(const std::vector<double>& beats, double place) {
  const auto i = std::min(static_cast<std::size_t>(place), beats.size() - 2);
  return beats[i] + (place - static_cast<double>(i)) * (beats[i + 1] - beats[i]);
}

// A chord and a bass note a bar.
void accompany(KnownTrack& song) {
  for (std::size_t i = 0; i < song.beats.size(); i += 4) {
    const auto& chord = kChords[i / 4 % kChords.size()];
    const double until = between_beats(song.beats, static_cast<double>(i) + 3.9);
    song.track.chord(song.beats[i], until, chord, 0.02, 0.1);
    song.track.tone(song.beats[i], until, chord[0] / 4, 0.15);
  }
}

void put(std::string& bytes, std::uint32_t value, int count) {
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xff);
}

}  // namespace

Track::Track(double seconds) : samples_(static_cast<std::size_t>(std::lround(seconds * kRate))) {}

double Track::random() {
  seed_ = seed_ * 1664525u + 1013904223u;
  return static_cast<double>(seed_ >> 8) / (1 << 23) - 1;
}

void Track::add(double from, double seconds, const std::function<double(double)>& sound) {
  const auto first = static_cast<std::int64_t>(std::ceil(from * kRate));
  const auto end = static_cast<std::int64_t>(std::ceil((from + seconds) * kRate));
  for (auto i = first; i < std::min(end, static_cast<std::int64_t>(samples_.size())); ++i) {
    const double value = sound(static_cast<double>(i) / kRate - from);
    if (i >= 0) samples_[static_cast<std::size_t>(i)] += static_cast<float>(value);
  }
}

void Track::kick(double at, double loudness) {
  add(at, 0.3, [&](double t) {
    const double phase = 50 * t + 70 * 0.03 * (1 - std::exp(-t / 0.03));
    return loudness * std::sin(kTurn * phase) * std::exp(-t / 0.08);
  });
}

void Track::snare(double at, double loudness) {
  add(at, 0.25, [&](double t) {
    return loudness * (0.6 * random() + 0.4 * std::sin(kTurn * 190 * t)) * std::exp(-t / 0.06);
  });
}

void Track::hat(double at, double loudness) {
  double before = 0;
  add(at, 0.08, [&](double t) {
    const double now = random();
    const double high = (now - before) / 2;
    before = now;
    return loudness * high * std::exp(-t / 0.02);
  });
}

void Track::click(double at, double loudness) {
  add(at, 0.004, [&](double t) { return loudness * std::cos(kTurn * 2000 * t); });
}

void Track::chord(double from, double until, const std::vector<double>& hertz, double attack,
                  double loudness) {
  for (const double note : hertz) {
    add(from, until - from, [&](double t) {
      const double swell = std::min({1.0, t / attack, (until - from - t) / attack});
      return loudness * swell * (std::sin(kTurn * note * t) + 0.3 * std::sin(2 * kTurn * note * t));
    });
  }
}

void Track::tone(double from, double until, double hertz, double loudness) {
  add(from, until - from, [&](double t) {
    const double swell = std::min({1.0, t / 0.01, (until - from - t) / 0.01});
    return loudness * swell * std::sin(kTurn * hertz * t);
  });
}

void Track::noise(double from, double until, double loudness) {
  add(from, until - from, [&](double) { return loudness * random(); });
}

void Track::write(const std::filesystem::path& file) const {
  const auto count = static_cast<std::uint32_t>(samples_.size());
  std::string wav = "RIFF";
  put(wav, 36 + count * 2, 4);
  wav += "WAVEfmt ";
  put(wav, 16, 4);
  put(wav, 1, 2);
  put(wav, 1, 2);
  put(wav, kRate, 4);
  put(wav, kRate * 2, 4);
  put(wav, 2, 2);
  put(wav, 16, 2);
  wav += "data";
  put(wav, count * 2, 4);
  for (const float sample : samples_) {
    const auto value =
        static_cast<std::int16_t>(std::lround(std::clamp(sample, -1.0f, 1.0f) * 32767));
    put(wav, static_cast<std::uint16_t>(value), 2);
  }
  std::ofstream(file, std::ios::binary) << wav;
}

KnownTrack house(double bpm, double first_beat, double seconds) {
  KnownTrack song{Track(seconds), even(bpm, first_beat, seconds)};
  for (std::size_t i = 0; i < song.beats.size(); ++i) {
    song.track.kick(song.beats[i]);
    song.track.hat(song.beats[i] + 30 / bpm, 0.3);
    if (i % 2 == 1) song.track.snare(song.beats[i], 0.25);
  }
  accompany(song);
  return song;
}

KnownTrack pop(const std::vector<double>& beats, double seconds) {
  KnownTrack song{Track(seconds), beats};
  for (std::size_t i = 0; i + 1 < beats.size(); ++i) {
    const double place = static_cast<double>(i);
    song.track.hat(beats[i]);
    song.track.hat(between_beats(beats, place + 0.5));
    if (i % 2 == 1) song.track.snare(beats[i]);
    if (i % 2 == 0) song.track.kick(beats[i]);
    if (i % 8 == 2) song.track.kick(between_beats(beats, place + 0.5), 0.6);
  }
  accompany(song);
  return song;
}

KnownTrack pop(double bpm, double first_beat, double seconds) {
  return pop(even(bpm, first_beat, seconds), seconds);
}

KnownTrack swung_hip_hop(double bpm, double seconds) {
  KnownTrack song{Track(seconds), even(bpm, 0.2, seconds)};
  const double beat = 60 / bpm;
  for (std::size_t i = 0; i < song.beats.size(); ++i) {
    const double at = song.beats[i];
    // Sixteenths, the second and fourth of them late.
    for (const double part : {0.0, 0.31, 0.5, 0.81}) song.track.hat(at + part * beat);
    if (i % 2 == 1) song.track.snare(at);
    if (i % 4 == 0) song.track.kick(at);
    if (i % 4 == 1) song.track.kick(at + 0.81 * beat, 0.7);
    if (i % 4 == 2) song.track.kick(at + 0.5 * beat, 0.7);
  }
  accompany(song);
  return song;
}

KnownTrack drum_and_bass(double bpm, double seconds) {
  KnownTrack song{Track(seconds), even(bpm, 0.2, seconds)};
  const double beat = 60 / bpm;
  for (std::size_t i = 0; i < song.beats.size(); ++i) {
    const double at = song.beats[i];
    song.track.hat(at);
    song.track.hat(at + beat / 2);
    if (i % 2 == 1) song.track.snare(at);
    if (i % 4 == 0) song.track.kick(at);
    if (i % 4 == 2) song.track.kick(at + beat / 2);
  }
  accompany(song);
  return song;
}

KnownTrack sparse_kick(double bpm, double seconds) {
  KnownTrack song{Track(seconds), even(bpm, 0.2, seconds)};
  for (const double at : song.beats) song.track.kick(at);
  return song;
}

KnownTrack ramp(double from_bpm, double to_bpm, double seconds) {
  std::vector<double> beats;
  for (double at = 0.2; at < seconds;) {
    beats.push_back(at);
    at += 60 / (from_bpm + (to_bpm - from_bpm) * at / seconds);
  }
  return pop(beats, seconds);
}

KnownTrack pads(double bpm, double seconds) {
  KnownTrack song{Track(seconds), even(bpm, 0, seconds)};
  const double bar = 240 / bpm;
  for (int i = 0; i * bar < seconds; ++i) {
    const auto& chord = kChords[static_cast<std::size_t>(i) % kChords.size()];
    song.track.chord(i * bar, (i + 1.2) * bar, chord, 0.8, 0.15);
  }
  return song;
}

double f_measure(const std::vector<double>& found, const std::vector<double>& known, double from) {
  constexpr double kWindow = 0.07;
  std::size_t hits = 0, all_found = 0, all_known = 0;
  std::vector<bool> taken(known.size());
  for (std::size_t k = 0; k < known.size(); ++k) all_known += known[k] >= from;
  for (const double beat : found) {
    if (beat < from) continue;
    ++all_found;
    for (std::size_t k = 0; k < known.size(); ++k) {
      if (taken[k] || std::abs(known[k] - beat) > kWindow) continue;
      taken[k] = true;
      ++hits;
      break;
    }
  }
  return hits == 0 ? 0 : 2 * static_cast<double>(hits) / static_cast<double>(all_found + all_known);
}

}  // namespace latentreel::music
