#include "ffmpeg/turn.h"

#include <cstddef>

namespace latentreel::ffmpeg {

Image turned(Image image, int orientation) {
  if (orientation == 1) return image;
  const bool sideways = lies_sideways(orientation);
  Image out{sideways ? image.height : image.width, sideways ? image.width : image.height, {}};
  out.rgb.resize(image.rgb.size());
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      int from_x = sideways ? y : x;
      int from_y = sideways ? x : y;
      if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8) {
        from_x = image.width - 1 - from_x;
      }
      if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7) {
        from_y = image.height - 1 - from_y;
      }
      const auto from = (static_cast<std::size_t>(from_y) * static_cast<std::size_t>(image.width) +
                         static_cast<std::size_t>(from_x)) *
                        3;
      const auto to = (static_cast<std::size_t>(y) * static_cast<std::size_t>(out.width) +
                       static_cast<std::size_t>(x)) *
                      3;
      for (std::size_t c = 0; c < 3; ++c) out.rgb[to + c] = image.rgb[from + c];
    }
  }
  return out;
}

}  // namespace latentreel::ffmpeg
