#pragma once

#include <string>
#include <vector>

#include "ffmpeg/image.h"
#include "scenes/still.h"

namespace latentreel::render {

struct ReadStill {
  ffmpeg::Image image;                // of a clip in the size that it is to be seen in
  std::vector<std::string> warnings;  // whole sentences on the clip; of a picture none
};

// The picture that a scene names: what read_picture gives, or what VideoClip shows at the moment.
// Throws MediaError, also for a moment that the clip does not have (invalid).
ReadStill read_still(const scenes::Still& still);

}  // namespace latentreel::render
