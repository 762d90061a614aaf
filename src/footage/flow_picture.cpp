#include <algorithm>
#include <cmath>
#include <numbers>

#include "src/footage/optical_flow.h"

namespace latentreel::footage {
namespace {

// Of full strength: hue in turns from red over yellow, green, cyan, blue and violet; c is 0 for
// red, 1 for green, 2 for blue.
double hue_part(double hue, int c) {
  const double away = std::abs(std::remainder(hue - c / 3.0, 1.0));  // in turns, at most a half
  return std::clamp(2 - 6 * away, 0.0, 1.0);
}

}  // namespace

ffmpeg::Image picture_of(const Flow& flow, double farthest) {
  const auto pixels = flow.vectors.size() / 2;
  const auto length = [&](std::size_t i) {
    return std::hypot(flow.vectors[2 * i], flow.vectors[2 * i + 1]);
  };
  if (farthest <= 0) {
    for (std::size_t i = 0; i < pixels; ++i) farthest = std::max<double>(farthest, length(i));
  }
  ffmpeg::Image image{flow.width, flow.height, {}};
  image.rgb.reserve(pixels * 3);
  for (std::size_t i = 0; i < pixels; ++i) {
    const double strength = farthest > 0 ? std::min(1.0, length(i) / farthest) : 0;
    const double turn = 2 * std::numbers::pi;
    const double hue = std::atan2(flow.vectors[2 * i + 1], flow.vectors[2 * i]) / turn;
    for (int c = 0; c < 3; ++c) {
      const double value = 1 - strength * (1 - hue_part(hue, c));
      image.rgb.push_back(static_cast<std::uint8_t>(std::lround(255 * value)));
    }
  }
  return image;
}

}  // namespace latentreel::footage
