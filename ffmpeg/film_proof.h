#pragma once

#include <filesystem>

#include "ffmpeg/video_settings.h"

namespace latentreel::ffmpeg {

// Shows that the film `name` can be made: encodes two frames with the song into `file` and reads
// them back. Throws what a real run would.
void prove(const VideoSettings& settings, const std::filesystem::path& name,
           const std::filesystem::path& file);

}  // namespace latentreel::ffmpeg
