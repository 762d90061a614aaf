// What a film's container makes of all packets of a song, before there is a film. Internal.
#pragma once

#include <string>

#include "ffmpeg/song_stream.h"

namespace latentreel::ffmpeg {

// Muxes the whole song into memory and reads it again; a song of more than 64 MiB is muxed to
// nowhere. Returns what goes wrong, in words, and nothing where nothing does. The song is at its
// end afterwards. Throws MediaError where it cannot be read.
std::string refusal_of(SongStream& song, VideoCodec film);

}  // namespace latentreel::ffmpeg
