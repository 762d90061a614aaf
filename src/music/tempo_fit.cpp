#include "src/music/tempo_fit.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace latentreel::music {
namespace {

constexpr std::size_t kFewestBeats = 8;
constexpr int kRefinements = 5;
constexpr double kUnheardShift = 0.005;  // seconds

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// The beats' numbers, by their distances in periods.
std::vector<double> number_beats(std::span<const double> beats) {
  std::vector<double> gaps;
  for (std::size_t i = 1; i < beats.size(); ++i) gaps.push_back(beats[i] - beats[i - 1]);
  const double period = median(gaps);
  std::vector<double> numbers{0};
  for (const double gap : gaps) {
    numbers.push_back(numbers.back() + std::max(1.0, std::round(gap / period)));
  }
  return numbers;
}

// A first line that a few wrong beats do not move: the median slope between beats that are half the
// song apart.
TempoFit median_line(std::span<const double> beats, const std::vector<double>& numbers) {
  const std::size_t half = beats.size() / 2;
  std::vector<double> slopes, offsets;
  for (std::size_t i = 0; i + half < beats.size(); ++i) {
    slopes.push_back((beats[i + half] - beats[i]) / (numbers[i + half] - numbers[i]));
  }
  const double period = median(slopes);
  for (std::size_t i = 0; i < beats.size(); ++i) {
    offsets.push_back(beats[i] - numbers[i] * period);
  }
  return {.period = period, .offset = median(offsets)};
}

// Least squares over the beats near `line`; `line` itself, with its share, if they are too few.
TempoFit refined(const TempoFit& line, std::span<const double> beats,
                 const std::vector<double>& numbers) {
  const auto distance = [&](const TempoFit& to, std::size_t i) {
    return beats[i] - to.offset - numbers[i] * to.period;
  };
  std::vector<std::size_t> close;
  for (std::size_t i = 0; i < beats.size(); ++i) {
    if (std::abs(distance(line, i)) <= kNearBeat) close.push_back(i);
  }
  TempoFit fit = line;
  fit.near = static_cast<double>(close.size()) / static_cast<double>(beats.size());
  if (close.size() < kFewestBeats) return fit;
  const auto count = static_cast<double>(close.size());
  double mean_number = 0, mean_time = 0, squares = 0, products = 0, errors = 0;
  for (const auto i : close) mean_number += numbers[i] / count, mean_time += beats[i] / count;
  for (const auto i : close) {
    squares += (numbers[i] - mean_number) * (numbers[i] - mean_number);
    products += (numbers[i] - mean_number) * (beats[i] - mean_time);
  }
  fit.period = products / squares;
  fit.offset = mean_time - mean_number * fit.period;
  for (const auto i : close) errors += distance(fit, i) * distance(fit, i);
  fit.error = std::sqrt(errors / (count - 2) / squares);
  return fit;
}

}  // namespace

std::optional<TempoFit> fit_tempo(std::span<const double> beats) {
  if (beats.size() < kFewestBeats) return {};
  const auto numbers = number_beats(beats);
  auto fit = median_line(beats, numbers);
  for (int i = 0; i < kRefinements; ++i) fit = refined(fit, beats, numbers);
  return fit;
}

double round_tempo(const TempoFit& fit, double seconds) {
  const double bpm = 60 / fit.period;
  // Half of the song's beats lie before the middle, where the two lines meet.
  const double most = seconds / 2;
  for (const double unit : {1.0, 0.5, 0.1, 0.01}) {
    const double round = std::round(bpm / unit) * unit;
    if (std::abs(round / bpm - 1) * most <= kUnheardShift) return round;
  }
  return std::round(bpm * 1000) / 1000;
}

}  // namespace latentreel::music
