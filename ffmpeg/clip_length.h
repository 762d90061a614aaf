// How long a clip is, without decoding it. Internal to this room.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "ffmpeg/clip_stream.h"

namespace latentreel::ffmpeg {

struct MeasuredClip {
  Ticks end = 0;  // of the frame that is shown last, by the file's stamps
  std::optional<std::int64_t> frames;
  bool is_cut = false;  // the file ends before what its index tells of
};

// Throws MediaError (invalid) for what the disk refuses.
MeasuredClip measure_clip(const std::filesystem::path& file, const std::string& doing);

}  // namespace latentreel::ffmpeg
