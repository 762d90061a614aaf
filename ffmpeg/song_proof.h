// What a film's muxer says to all packets of a song, before there is a film. Internal.
#pragma once

#include <string>

#include "ffmpeg/song_stream.h"

namespace latentreel::ffmpeg {

// Muxes the whole song to nowhere; libav's words where it is refused, empty where it is taken. The
// song is at its end afterwards. Throws MediaError where it cannot be read.
std::string refusal_of(SongStream& song, VideoCodec film);

}  // namespace latentreel::ffmpeg
