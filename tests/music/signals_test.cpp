#include "src/music/signals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "ffmpeg/error.h"
#include "src/music/hpss.h"
#include "tests/music/tracks.h"
#include "tests/temporary_folder.h"

namespace latentreel::music {
namespace {

using scenes::Signal;
using scenes::SignalOptions;
using scenes::SignalSource;

// As measured, without anything that shapes it but the level that becomes 1.
SignalOptions plain(SignalSource source) {
  return {.source = source, .release = 0, .clip = 1};
}

SignalOptions band(double from, double to) {
  auto options = plain(SignalSource::band);
  options.band_from = from;
  options.band_to = to;
  return options;
}

std::vector<Signal> signals_of(const Track& track, const std::vector<SignalOptions>& wanted) {
  const TemporaryFolder folder;
  track.write(folder / "song.wav");
  return measure(folder / "song.wav", wanted);
}

Signal signal_of(const Track& track, const SignalOptions& wanted) {
  return signals_of(track, {wanted}).front();
}

double mean(const Signal& signal, double from, double until) {
  double sum = 0;
  int count = 0;
  for (double at = from; at < until; at += signal.step) sum += signal.at(at), ++count;
  return sum / count;
}

// --- Shape ---------------------------------------------------------------------------------------

TEST(Shape, FollowsRisesAndFallsInTheirTime) {
  std::vector<float> levels(400, 0.0f);
  std::fill(levels.begin() + 100, levels.begin() + 300, 1.0f);
  const auto shaped =
      shape(levels, 0.01, {.attack = 0.1, .release = 0.5, .clip = 1, .gain = 1, .power = 1});
  const double share = 1 - std::exp(-1.0);
  EXPECT_EQ(shaped[99], 0);
  EXPECT_NEAR(shaped[109], share, 0.001);      // after 0.1 s
  EXPECT_NEAR(shaped[349], 1 - share, 0.001);  // 0.5 s after the end
  EXPECT_NEAR(*std::max_element(shaped.begin(), shaped.end()), 1, 1e-6);
}

TEST(Shape, AttackOfNoTimeIsAtOnce) {
  const auto shaped = shape({0, 1, 0}, 0.01, {.attack = 0, .release = 0});
  EXPECT_EQ(shaped, (std::vector<float>{0, 1, 0}));
}

TEST(Shape, ClipsTheLoudestShare) {
  std::vector<float> levels;
  for (int i = 0; i <= 100; ++i) levels.push_back(static_cast<float>(i));
  const auto shaped = shape(levels, 0.01, {.release = 0, .clip = 0.9});
  EXPECT_NEAR(shaped[45], 0.5, 1e-6);
  EXPECT_EQ(shaped[90], 1);
  EXPECT_EQ(shaped[100], 1);
  EXPECT_LT(shaped[89], 1);
}

TEST(Shape, GainThenPower) {
  const std::vector<float> levels = {0.0f, 0.25f, 0.5f, 1.0f};
  const auto shaped = shape(levels, 0.01, {.release = 0, .clip = 1, .gain = 2, .power = 2});
  EXPECT_EQ(shaped, (std::vector<float>{0, 0.25, 1, 1}));
}

TEST(Shape, SilenceStaysSilent) {
  EXPECT_EQ(shape(std::vector<float>(50), 0.01, {}), std::vector<float>(50));
  EXPECT_TRUE(shape({}, 0.01, {}).empty());
  // A song that is silent for more than its share has what sounds at 1.
  std::vector<float> rare(200, 0.0f);
  rare[7] = 0.1f;
  EXPECT_EQ(shape(rare, 0.01, {.release = 0, .clip = 0.9})[7], 1);
}

// --- Sources -------------------------------------------------------------------------------------

TEST(Signals, RmsIsTheLoudnessAtItsTime) {
  Track track(3);
  track.tone(1, 2, 440, 0.2);
  track.tone(2, 3, 440, 0.4);
  const auto signal = signal_of(track, plain(SignalSource::rms));
  EXPECT_EQ(signal.start, 0);
  EXPECT_DOUBLE_EQ(signal.step, 0.01);
  EXPECT_EQ(signal.values.size(), 300u);
  EXPECT_NEAR(mean(signal, 0.1, 0.9), 0, 1e-3);
  EXPECT_NEAR(mean(signal, 2.1, 2.9) / mean(signal, 1.1, 1.9), 2, 0.02);
  EXPECT_GT(signal.at(1.0), 0.4 * mean(signal, 1.1, 1.9));
  EXPECT_LT(signal.at(1.0), 0.8 * mean(signal, 1.1, 1.9));
  EXPECT_EQ(signal.at(0.95), 0);
}

TEST(Signals, BandsHearTheirFrequencies) {
  Track track(3);
  track.tone(0, 1, 80);
  track.tone(1, 2, 700);
  track.tone(2, 3, 6000);
  const auto signals = signals_of(track, {band(20, 150), band(150, 2000), band(2000, 20000)});
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t second = 0; second < 3; ++second) {
      const auto from = static_cast<double>(second);
      const double level = mean(signals[i], from + 0.1, from + 0.9);
      if (i == second) {
        EXPECT_GT(level, 0.8) << i;
      } else {
        EXPECT_LT(level, 0.05) << i << " " << second;
      }
    }
  }
}

TEST(Signals, OnsetsAreWhereSoundsBegin) {
  Track track(5);
  const std::vector<double> times = {0.5, 1.237, 2.0, 3.401, 4.1};
  for (std::size_t i = 0; i < times.size(); ++i) {
    i % 2 == 0 ? track.snare(times[i]) : track.kick(times[i]);
  }
  track.tone(0, 5, 330, 0.1);
  const auto signal = signal_of(track, plain(SignalSource::onsets));
  for (const double time : times) {
    double best = 0, at = 0;
    for (double t = time - 0.1; t < time + 0.1; t += 0.001) {
      if (signal.at(t) > best) best = signal.at(t), at = t;
    }
    EXPECT_NEAR(at, time, 0.015);
    EXPECT_GT(best, 5 * mean(signal, time + 0.2, time + 0.3));
  }
}

TEST(Signals, DrumsAndTonesAreToldApart) {
  Track track(6);
  track.tone(0, 4, 330, 0.3);
  for (double at = 2.25; at < 6; at += 0.5) track.snare(at, 0.4);
  const auto signals =
      signals_of(track, {plain(SignalSource::percussive), plain(SignalSource::harmonic)});
  const auto& drums = signals[0];
  const auto& tones = signals[1];
  EXPECT_LT(mean(drums, 0.5, 1.9), 0.1 * drums.at(2.76));  // only the tone
  EXPECT_NEAR(mean(tones, 2.5, 3.8), mean(tones, 0.5, 1.9), 0.1);
  EXPECT_LT(mean(tones, 4.6, 5.9), 0.15 * mean(tones, 0.5, 1.9));  // only drums
  EXPECT_NEAR(drums.at(5.26), drums.at(2.76), 0.35 * drums.at(2.76));
}

TEST(Signals, OfOnePassAreThoseOfMany) {
  const auto song = pop(120, 0.2, 5).track;
  const std::vector<SignalOptions> wanted = {
      plain(SignalSource::rms), band(20, 150), plain(SignalSource::onsets),
      plain(SignalSource::percussive), plain(SignalSource::harmonic)};
  const auto together = signals_of(song, wanted);
  ASSERT_EQ(together.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_EQ(together[i].values, signal_of(song, wanted[i]).values) << i;
    EXPECT_EQ(together[i].values.size(), 500u);
    for (const float value : together[i].values) ASSERT_TRUE(value >= 0 && value <= 1);
  }
}

TEST(Signals, OfWhatIsNoSong) {
  const TemporaryFolder folder;
  folder.write("song.wav", "no song");
  EXPECT_THROW(measure(folder / "song.wav", SignalOptions{}), ffmpeg::MediaError);
  EXPECT_THROW(measure(folder / "none.wav", SignalOptions{}), ffmpeg::MediaError);
}

// --- Medians -------------------------------------------------------------------------------------

TEST(Medians, AreOfWhatThereIsAround) {
  const std::vector<float> values = {5, 1, 4, 2, 3};
  EXPECT_EQ(medians_along(values, 0), values);
  EXPECT_EQ(medians_along(values, 1), (std::vector<float>{5, 4, 2, 3, 3}));
  EXPECT_EQ(medians_along(values, 9), (std::vector<float>{3, 3, 3, 3, 3}));
  EXPECT_TRUE(medians_along({}, 3).empty());
}

TEST(Hpss, GivesALevelForEachFrame) {
  for (const std::size_t count : {std::size_t{0}, std::size_t{1}, Hpss::kRadius, std::size_t{40}}) {
    Hpss hpss;
    std::size_t given = 0;
    for (std::size_t i = 0; i < count; ++i) {
      given += hpss.add(std::vector<float>(30, 1.0f)).has_value();
    }
    while (const auto levels = hpss.finish()) {
      ++given;
      // All frequencies at all times: half of the energy each.
      EXPECT_NEAR(levels->percussive, std::sqrt(15), 1e-3);
      EXPECT_NEAR(levels->harmonic, std::sqrt(15), 1e-3);
    }
    EXPECT_EQ(given, count);
  }
}

}  // namespace
}  // namespace latentreel::music
