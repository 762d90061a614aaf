#include "src/music/hpss.h"

#include <algorithm>
#include <cmath>

namespace latentreel::music {

void SlidingMedian::add(float value) {
  sorted_.insert(std::upper_bound(sorted_.begin(), sorted_.end(), value), value);
}

void SlidingMedian::remove(float value) {
  sorted_.erase(std::lower_bound(sorted_.begin(), sorted_.end(), value));
}

std::vector<float> medians_along(std::span<const float> values, std::size_t radius) {
  std::vector<float> medians(values.size());
  SlidingMedian window;
  for (std::size_t i = 0; i < std::min(radius, values.size()); ++i) window.add(values[i]);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i + radius < values.size()) window.add(values[i + radius]);
    if (i > radius) window.remove(values[i - radius - 1]);
    medians[i] = window.median();
  }
  return medians;
}

std::optional<Hpss::Levels> Hpss::add(std::span<const float> power) {
  std::vector<float> amplitudes(power.size());
  std::transform(power.begin(), power.end(), amplitudes.begin(),
                 [](float value) { return std::sqrt(value); });
  along_time_.resize(power.size());
  for (std::size_t k = 0; k < power.size(); ++k) along_time_[k].add(amplitudes[k]);
  frames_.push_back(std::move(amplitudes));
  if (frames_.size() <= next_ + kRadius) return {};
  const auto levels = separate(frames_[next_]);
  forget_oldest();
  return levels;
}

std::optional<Hpss::Levels> Hpss::finish() {
  if (next_ >= frames_.size()) return {};
  const auto levels = separate(frames_[next_]);
  forget_oldest();
  return levels;
}

// Moves on to the next frame, whose window begins one frame later once it is a whole one.
void Hpss::forget_oldest() {
  if (++next_ <= kRadius) return;
  for (std::size_t k = 0; k < along_time_.size(); ++k) along_time_[k].remove(frames_.front()[k]);
  frames_.pop_front();
  --next_;
}

Hpss::Levels Hpss::separate(std::span<const float> amplitudes) const {
  const auto upright = medians_along(amplitudes, kBinRadius);
  Levels energy;
  for (std::size_t k = 0; k < amplitudes.size(); ++k) {
    const double p = upright[k] * upright[k];
    const double h = along_time_[k].median() * along_time_[k].median();
    if (p + h <= 0) continue;
    const double whole = amplitudes[k] * amplitudes[k];
    energy.percussive += whole * p / (p + h);
    energy.harmonic += whole * h / (p + h);
  }
  return {std::sqrt(energy.percussive), std::sqrt(energy.harmonic)};
}

}  // namespace latentreel::music
