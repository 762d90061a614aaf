#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace latentreel::scenes {

// What an animatable key is at every frame of a film. Values are rounded to millionths, so that
// differences nobody sees make no other frames.
class FrameValues {
 public:
  FrameValues() = default;
  explicit FrameValues(double constant) : constant_(constant) {}
  // One for each frame of the film.
  explicit FrameValues(std::vector<double> values) : values_(std::move(values)) {}

  bool is_constant() const { return values_.empty(); }
  // The frames that differ; 0 for a constant.
  std::int64_t size() const { return static_cast<std::int64_t>(values_.size()); }
  // `frame` is one of the film.
  double at(std::int64_t frame) const {
    return is_constant() ? constant_ : values_[static_cast<std::size_t>(frame)];
  }

 private:
  double constant_ = 0;
  std::vector<double> values_;
};

}  // namespace latentreel::scenes
