#pragma once

#include <memory>

#include "ffmpeg/song_stream.h"

namespace latentreel::ffmpeg {

// The part as packets of `codec`, ALAC or AAC, its sound changed by `gain` (in dB). Throws
// MediaError (invalid) where the codec does not take the song's channels or rate.
std::unique_ptr<SongStream> encode_song(const SongPart& part, const SongRange& range,
                                        AVCodecID codec, double gain);

}  // namespace latentreel::ffmpeg
