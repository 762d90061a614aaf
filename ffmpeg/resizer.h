// The weights of one kind of scaling, computed once for all frames of a film. See resize() in
// image.h.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace latentreel::ffmpeg {

struct ResizeTaps {
  int first = 0;
  std::vector<std::int32_t> weights;
};

// Sample is uint8_t or uint16_t; pictures are [height][width][3].
template <class Sample>
class Resizer {
 public:
  Resizer(int from_width, int from_height, int to_width, int to_height);

  // The scaled picture. Safe to call from several threads.
  std::vector<Sample> operator()(std::span<const Sample> in) const;

 private:
  void scale_row(const Sample* in, Sample* out) const;

  int from_width_, from_height_, to_width_, to_height_;
  std::vector<ResizeTaps> columns_;  // empty: the width stays
  std::vector<ResizeTaps> rows_;     // empty: the height stays
};

}  // namespace latentreel::ffmpeg
