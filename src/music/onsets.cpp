#include "src/music/onsets.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "src/music/frames.h"

namespace latentreel::music {
namespace {

// Amplitudes well below its inverse count in proportion, those above it by their logarithm. One
// frequency of a drum has about a hundredth of full scale.
constexpr float kCompression = 100.0f;
constexpr int kAccentBands = 20;

}  // namespace

double Rise::operator()(std::vector<float> values) {
  double sum = 0;
  auto& earlier = before_[0];
  earlier.resize(values.size());  // before the song it is silent
  for (std::size_t i = 0; i < values.size(); ++i) sum += std::max(0.0f, values[i] - earlier[i]);
  before_[0] = std::move(before_[1]);
  before_[1] = std::move(values);
  return sum;
}

double Onsets::operator()(std::span<const float> power) {
  std::vector<float> levels(power.size());
  std::transform(power.begin(), power.end(), levels.begin(),
                 [](float value) { return std::log1p(kCompression * std::sqrt(value)); });
  return rise_(std::move(levels));
}

double Accents::operator()(std::span<const float> power) {
  return rise_(band_levels(power, 40, 6000, kAccentBands));
}

std::vector<float> band_levels(std::span<const float> power, double from, double to, int count) {
  std::vector<float> levels;
  levels.reserve(static_cast<std::size_t>(count));
  const double factor = std::pow(to / from, 1.0 / count);
  for (int i = 0; i < count; ++i) {
    const auto [first, end] =
        Frames::bins(from * std::pow(factor, i), from * std::pow(factor, i + 1));
    const auto band = power.subspan(first, end - first);
    levels.push_back(std::sqrt(std::accumulate(band.begin(), band.end(), 0.0f)));
  }
  return levels;
}

}  // namespace latentreel::music
