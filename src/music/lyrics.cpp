#include "src/music/lyrics.h"

#include "ffmpeg/error.h"
#include "ffmpeg/subtitles.h"
#include "scenes/scene_error.h"

namespace latentreel::music {
namespace {

scenes::RationalTime time_of(ffmpeg::Ratio seconds) {
  return {seconds.num, seconds.den};
}

}  // namespace

std::vector<scenes::LyricLine> read_subtitle_lines(const std::filesystem::path& file) {
  using Kind = scenes::SceneError::Kind;
  try {
    std::vector<scenes::LyricLine> lines;
    for (auto& subtitle : ffmpeg::read_subtitles(file)) {
      lines.push_back({.text = std::move(subtitle.text), .start = time_of(subtitle.start)});
      if (subtitle.end) lines.back().end = time_of(*subtitle.end);
    }
    return lines;
  } catch (const ffmpeg::MediaError& error) {
    const bool missing = error.kind() == ffmpeg::MediaError::Kind::missing;
    throw scenes::SceneError(missing ? Kind::unreadable : Kind::invalid,
                             {{.message = error.what()}});
  }
}

}  // namespace latentreel::music
