// The beginning of a film's file, whether it is written or only tried. Internal.
#pragma once

#include <string>

#include "ffmpeg/av_ptr.h"
#include "ffmpeg/song_stream.h"
#include "ffmpeg/video_settings.h"

namespace latentreel::ffmpeg {

// A muxer of the container that films of this codec go into. It writes to `io`, which must outlive
// it; a muxer that reads its own file again does so by `url`, which may be null where it need not.
MuxerPtr open_muxer(VideoCodec film, AVIOContext& io, const char* url, const std::string& doing);

// Adds a stream for the song's packets; its time base is one sample, which the muxer may change.
AVStream* add_stream(AVFormatContext& context, const SongStream& song, const std::string& doing);

}  // namespace latentreel::ffmpeg
