#include "src/music/frames.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace latentreel::music {

Frames::Frames(const std::filesystem::path& song)
    : song_(song, kRate),
      spectrum_(static_cast<int>(kWindow)),
      hann_(kWindow),
      window_(kWindow),
      weighted_(kWindow),
      power_(kBins) {
  for (std::size_t i = 0; i < kWindow; ++i) {
    const double turn = 2 * std::numbers::pi * static_cast<double>(i) / kWindow;
    hann_[i] = static_cast<float>(0.5 - 0.5 * std::cos(turn));
  }
}

std::span<const float> Frames::fresh() const {
  return std::span(window_).last(std::min(last_read_, window_.size())).first(fresh_);
}

// Moves the window on by `count` samples; behind the song's end it is silent.
void Frames::read(std::size_t count) {
  std::move(window_.begin() + static_cast<std::ptrdiff_t>(count), window_.end(), window_.begin());
  const auto end = std::span(window_).last(count);
  fresh_ = ended_ ? 0 : song_.read(end);
  last_read_ = count;
  std::fill(end.begin() + static_cast<std::ptrdiff_t>(fresh_), end.end(), 0.0f);
  heard_ += fresh_;
  ended_ = fresh_ < count;
}

bool Frames::next() {
  read(frame_ == 0 ? kWindow / 2 : kStep);
  if (frame_ * kStep >= heard_) return false;
  ++frame_;
  transform();
  return true;
}

void Frames::transform() {
  double sum = 0;
  for (std::size_t i = 0; i < kWindow; ++i) {
    weighted_[i] = hann_[i] * window_[i];
    sum += weighted_[i] * window_[i];
  }
  constexpr double kSum = kWindow / 2.0;  // of the window's values
  rms_ = std::sqrt(sum / kSum);
  const auto middle = std::span(window_).subspan(kWindow / 2 - kStep / 2, kStep);
  peak_ = 0;
  for (const float sample : middle) peak_ = std::max(peak_, std::abs(sample));
  spectrum_(weighted_, power_);
  constexpr auto kScale = static_cast<float>(4 / (kSum * kSum));
  for (float& value : power_) value *= kScale;
}

std::array<std::size_t, 2> Frames::bins(double from, double to) {
  constexpr double kBinsPerHertz = static_cast<double>(kWindow) / kRate;
  const auto at = [](double hertz) {
    return static_cast<std::size_t>(
        std::clamp(std::ceil(hertz * kBinsPerHertz), 0.0, static_cast<double>(kBins)));
  };
  const std::size_t first = std::min(at(from), kBins - 1);
  return {first, std::max(at(to), first + 1)};
}

}  // namespace latentreel::music
