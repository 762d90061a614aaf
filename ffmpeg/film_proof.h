#pragma once

#include <filesystem>

#include "ffmpeg/muxer.h"
#include "ffmpeg/video_settings.h"

namespace latentreel::ffmpeg {

// Shows that the whole part of a song goes into a film: muxes it to nowhere. Throws MediaError as
// opening the film would, and invalid where the film cannot carry it. Of film_seconds nothing is
// known yet.
SongSummary prove_song(const SongPart& part, VideoCodec film);

// Shows that the film `name` can be made, as far as its song's beginning: encodes two frames with
// it, the first chapter and the first subtitle into `file` and reads them back. Throws what a real
// run would.
void prove(const VideoSettings& settings, const std::filesystem::path& name,
           const std::filesystem::path& file);

}  // namespace latentreel::ffmpeg
