// Subtitles as plain lines: SubRip (.srt), ASS (.ass) and WebVTT (.vtt).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "ffmpeg/video_settings.h"

namespace latentreel::ffmpeg {

struct Subtitle {
  Ratio start;               // seconds
  std::optional<Ratio> end;  // where the file says
  std::string text;          // UTF-8 in one line, without styles and drawings, never empty
};

inline constexpr std::size_t kMaxSubtitles = 10'000;

// In the order of their starts. Throws MediaError: missing, or invalid for a file that is no
// subtitles, is larger than 4 MB, has more than kMaxSubtitles or is not UTF-8 (or UTF-16 with a
// byte order mark).
std::vector<Subtitle> read_subtitles(const std::filesystem::path& file);

}  // namespace latentreel::ffmpeg
