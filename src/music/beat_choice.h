#pragma once

#include <cstddef>
#include <span>
#include <vector>

// What a tracker's beats are worth, and whether every second one, or twice as many, are the beats
// that people tap. Internal to the room.

namespace latentreel::music {

// A number every Frames::kSeconds.
struct OnsetCurves {
  std::vector<float> onsets;   // Onsets
  std::vector<float> accents;  // Accents
};

// How alike the sound's onsets are from one beat to the next or the one after it: the highest of
// their two correlations, at most 1. Drums have 0.4 to 1; where a tracker was led by chance, and
// where nothing marks the beats, it is near 0. 0 for fewer than eight beats.
double beat_confidence(std::span<const double> beats, const OnsetCurves& curves);

// The beats at the tempo that the onsets speak for. Every second of them where hardly anything
// begins on the others, or nothing but hi-hats, and at least 50 a minute are left; twice as many
// where as strong accents lie between them and at most 200 a minute come out; else `beats`.
std::vector<double> at_tapped_tempo(std::vector<double> beats, const OnsetCurves& curves);

// Every second beat, of the two ways that with the stronger accents; a beat between each two.
std::vector<double> halved(std::span<const double> beats, const OnsetCurves& curves);
std::vector<double> doubled(std::span<const double> beats);

}  // namespace latentreel::music
