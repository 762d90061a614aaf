#include "src/music/tempo_fit.h"

#include <gtest/gtest.h>

#include <vector>

namespace latentreel::music {
namespace {

std::vector<double> even_beats(double bpm, double offset, int count) {
  std::vector<double> beats;
  for (int n = 0; n < count; ++n) beats.push_back(offset + n * 60 / bpm);
  return beats;
}

TEST(TempoFit, IsExactForExactBeats) {
  const auto fit = fit_tempo(even_beats(128, 0.37, 100)).value();
  EXPECT_NEAR(60 / fit.period, 128, 1e-9);
  EXPECT_NEAR(fit.offset, 0.37, 1e-9);
  EXPECT_NEAR(fit.error, 0, 1e-9);
  EXPECT_EQ(fit.near, 1);
  EXPECT_TRUE(fit.is_even());
}

TEST(TempoFit, PassesOverWrongBeatsAndGaps) {
  auto beats = even_beats(100, 1, 100);
  for (std::size_t i = 0; i < 8; ++i) beats[i] += 0.2;  // before the tracker has settled
  beats.erase(beats.begin() + 50, beats.begin() + 53);
  const auto fit = fit_tempo(beats).value();
  EXPECT_NEAR(60 / fit.period, 100, 1e-6);
  EXPECT_NEAR(fit.offset, 1, 1e-6);
  EXPECT_NEAR(fit.near, 89.0 / 97, 1e-9);
  EXPECT_TRUE(fit.is_even());
}

TEST(TempoFit, AveragesRoundings) {
  auto beats = even_beats(128, 0.37, 200);
  for (std::size_t i = 0; i < beats.size(); ++i) beats[i] += (i * 37 % 11 - 5.0) * 0.0012;
  const auto fit = fit_tempo(beats).value();
  EXPECT_NEAR(60 / fit.period, 128, 0.01);
  EXPECT_GT(fit.error, 0);
}

TEST(TempoFit, SaysThatATempoChanges) {
  std::vector<double> beats;
  double at = 0;
  for (int i = 0; i < 100; ++i) {
    beats.push_back(at);
    at += 0.6 - i * 0.0015;
  }
  EXPECT_FALSE(fit_tempo(beats).value().is_even());
}

TEST(TempoFit, NeedsEightBeats) {
  EXPECT_FALSE(fit_tempo(even_beats(120, 0, 7)));
  EXPECT_TRUE(fit_tempo(even_beats(120, 0, 8)));
  EXPECT_FALSE(fit_tempo({}));
}

TEST(RoundTempo, IsRoundOnlyWhereNobodyHearsIt) {
  const auto rounded = [](double bpm, double seconds) {
    return round_tempo({.period = 60 / bpm}, seconds);
  };
  EXPECT_DOUBLE_EQ(rounded(127.9995, 240), 128);
  EXPECT_DOUBLE_EQ(rounded(87.5004, 240), 87.5);
  EXPECT_DOUBLE_EQ(rounded(127.9, 240), 127.9);
  EXPECT_DOUBLE_EQ(rounded(127.987, 600), 127.987);  // 7 ms at either end of ten minutes
  EXPECT_DOUBLE_EQ(rounded(127.99, 10), 128);
}

}  // namespace
}  // namespace latentreel::music
