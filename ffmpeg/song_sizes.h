// The sizes in the headers of WAV, W64, AIFF, AU and CAF songs: a program that writes into a pipe
// cannot go back and fill them in, so it leaves nothing, all ones or a round number there. And that
// of the tag before an MP3, which may be wrong. Internal.
#pragma once

#include <cstdint>
#include <vector>

#include "ffmpeg/input_file.h"

namespace latentreel::ffmpeg {

struct SongSizes {
  std::int64_t missing = 0;        // bytes that the header promises and the file lacks
  std::vector<BytePatch> patches;  // true sizes for those that were left open
};

// Leaves the file at its beginning. Nothing is missing and patched in files of other kinds.
SongSizes read_song_sizes(PlainFile& file);

}  // namespace latentreel::ffmpeg
