#include "src/music/signals.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "src/music/hpss.h"
#include "src/music/onsets.h"

namespace latentreel::music {
namespace {

using scenes::SignalOptions;
using scenes::SignalSource;

bool is_separated(const SignalOptions& options) {
  return options.source == SignalSource::percussive || options.source == SignalSource::harmonic;
}

double band_level(std::span<const float> power, double from, double to) {
  const auto [first, end] = Frames::bins(from, to);
  const auto band = power.subspan(first, end - first);
  return std::sqrt(std::accumulate(band.begin(), band.end(), 0.0));
}

// The levels of all signals that are wanted, before they are shaped.
class Meter {
 public:
  explicit Meter(std::span<const SignalOptions> wanted)
      : wanted_(wanted),
        levels_(wanted.size()),
        separates_(std::any_of(wanted.begin(), wanted.end(), is_separated)) {}

  void add(const Frames& song) {
    const double onset = onsets_(song.power());
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      if (!is_separated(wanted_[i])) append(i, level(wanted_[i], song, onset));
    }
    if (!separates_) return;
    if (const auto parts = hpss_.add(song.power())) add(*parts);
  }

  std::vector<std::vector<float>> finish() && {
    while (const auto parts = hpss_.finish()) add(*parts);
    return std::move(levels_);
  }

 private:
  void append(std::size_t signal, double level) {
    levels_[signal].push_back(static_cast<float>(level));
  }

  void add(const Hpss::Levels& parts) {
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      if (!is_separated(wanted_[i])) continue;
      append(i, wanted_[i].source == SignalSource::percussive ? parts.percussive : parts.harmonic);
    }
  }

  static double level(const SignalOptions& options, const Frames& song, double onset) {
    if (options.source == SignalSource::onsets) return onset;
    if (options.source == SignalSource::rms) return song.rms();
    return band_level(song.power(), options.band_from, options.band_to);
  }

  std::span<const SignalOptions> wanted_;
  std::vector<std::vector<float>> levels_;
  bool separates_;
  Onsets onsets_;
  Hpss hpss_;
};

// The share of the way to a new level that is gone in `step` seconds, if 63 % are in `seconds`.
double follow_share(double step, double seconds) {
  return seconds > 0 ? 1 - std::exp(-step / seconds) : 1;
}

// The level below which the share `clip` of all lies.
float level_at(std::vector<float> levels, double clip) {
  const double last = static_cast<double>(levels.size() - 1);
  const auto place = static_cast<std::ptrdiff_t>(std::clamp(std::ceil(clip * last), 0.0, last));
  std::nth_element(levels.begin(), levels.begin() + place, levels.end());
  return levels[static_cast<std::size_t>(place)];
}

}  // namespace

std::vector<float> shape(std::vector<float> levels, double step, const SignalOptions& options) {
  if (levels.empty()) return levels;
  const double rise = follow_share(step, options.attack);
  const double fall = follow_share(step, options.release);
  double followed = 0;
  for (float& level : levels) {
    followed += (level - followed) * (level > followed ? rise : fall);
    level = static_cast<float>(followed);
  }
  const double whole = level_at(levels, options.clip);
  for (float& level : levels) {
    // Where most of a song is silent, whatever sounds is above the level.
    const double share = whole > 0 ? std::min(level / whole, 1.0) : (level > 0 ? 1.0 : 0.0);
    const double gained = std::clamp(share * options.gain, 0.0, 1.0);
    level = static_cast<float>(std::pow(gained, options.power));
  }
  return levels;
}

std::vector<scenes::Signal> measure(const std::filesystem::path& song,
                                    std::span<const SignalOptions> wanted, const Look& look) {
  Frames frames(song);
  Meter meter(wanted);
  while (frames.next()) {
    if (look) look();
    meter.add(frames);
  }
  auto levels = std::move(meter).finish();
  std::vector<scenes::Signal> signals;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    signals.push_back({.start = 0,
                       .step = Frames::kSeconds,
                       .values = shape(std::move(levels[i]), Frames::kSeconds, wanted[i])});
  }
  return signals;
}

scenes::Signal measure(const std::filesystem::path& song, const SignalOptions& wanted,
                       const Look& look) {
  return measure(song, std::span(&wanted, 1), look).front();
}

}  // namespace latentreel::music
