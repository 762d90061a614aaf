#pragma once

#include <cstdint>

namespace latentreel::ffmpeg {

// An exact fraction; the denominator is positive. Used for frame rates and seconds.
struct Ratio {
  std::int64_t num = 0;
  std::int64_t den = 1;

  double value() const { return static_cast<double>(num) / static_cast<double>(den); }
  bool operator==(const Ratio&) const = default;
};

}  // namespace latentreel::ffmpeg
