// Pictures that were stored on their side or mirrored. Internal to this room.
#pragma once

#include "ffmpeg/image.h"

namespace latentreel::ffmpeg {

// The picture as it stands upright: orientation, 1 to 8, is EXIF's and says which corner the first
// stored pixel is.
Image turned(Image image, int orientation);

// Whether an upright picture is as wide as the stored one is high.
constexpr bool lies_sideways(int orientation) {
  return orientation >= 5;
}

}  // namespace latentreel::ffmpeg
