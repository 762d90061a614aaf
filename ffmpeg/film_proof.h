#pragma once

#include <filesystem>

#include "ffmpeg/video_settings.h"

namespace latentreel::ffmpeg {

// Shows that a film can be made: encodes two frames with the song to a temporary file beside
// `file`, reads them back and removes them. `file` itself is not touched. Throws what a real run
// would.
void prove(const VideoSettings& settings, const std::filesystem::path& file);

}  // namespace latentreel::ffmpeg
