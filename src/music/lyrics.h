#pragma once

#include <filesystem>
#include <vector>

#include "scenes/song_map.h"

namespace latentreel::music {

// A scenes::SubtitleReader: what scenes cannot read itself, by libav. Throws scenes::SceneError.
std::vector<scenes::LyricLine> read_subtitle_lines(const std::filesystem::path& file);

}  // namespace latentreel::music
