#include "src/music/beat_choice.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "src/music/frames.h"

namespace latentreel::music {
namespace {

constexpr double kLength = 12;  // seconds

std::vector<double> beats_at(double bpm) {
  std::vector<double> beats;
  for (double at = 0.1; at < kLength; at += 60 / bpm) beats.push_back(at);
  return beats;
}

// Onsets that say nothing: about as strong everywhere.
OnsetCurves noise(unsigned seed) {
  std::mt19937 numbers(seed);
  std::normal_distribution<float> strength(5.6f, 0.35f);
  OnsetCurves curves;
  curves.onsets.resize(static_cast<std::size_t>(kLength / Frames::kSeconds));
  for (auto& value : curves.onsets) value = strength(numbers);
  return curves;
}

TEST(BeatConfidence, IsSmallWhereNothingMarksTheBeats) {
  for (const double bpm : {60.0, 97.0, 112.0, 136.8, 152.0, 174.0, 205.0, 240.0}) {
    for (unsigned seed = 0; seed < 8; ++seed) {
      EXPECT_LT(beat_confidence(beats_at(bpm), noise(seed)), 0.2) << bpm << ", seed " << seed;
    }
  }
}

TEST(BeatConfidence, IsHighWhereEveryBeatIsMarked) {
  for (const double bpm : {60.0, 97.0, 112.0, 174.0, 205.0}) {
    auto curves = noise(1);
    for (const double at : beats_at(bpm)) {
      curves.onsets[static_cast<std::size_t>(std::lround(at / Frames::kSeconds))] += 40;
    }
    EXPECT_GT(beat_confidence(beats_at(bpm), curves), 0.6) << bpm;
  }
}

}  // namespace
}  // namespace latentreel::music
