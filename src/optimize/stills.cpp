#include "src/optimize/stills.h"

#include <fmt/format.h>

#include "ffmpeg/error.h"
#include "ffmpeg/video_clip.h"
#include "scenes/time_text.h"

namespace latentreel::render {

ReadStill read_still(const scenes::Still& still) {
  if (!still.is_moment()) return {.image = ffmpeg::read_picture(still.file), .warnings = {}};
  ffmpeg::VideoClip clip(still.file);
  const auto& whole = clip.length().seconds;
  if (*still.at >= scenes::RationalTime(whole.num, whole.den)) {
    throw ffmpeg::MediaError(
        ffmpeg::MediaError::Kind::invalid,
        fmt::format("reading the clip {}: it lasts {:.3f} s and shows nothing at {}. Name a moment "
                    "before its end.",
                    ffmpeg::quoted(still.file.string()), whole.value(),
                    scenes::exact_time_text(*still.at)));
  }
  auto image = clip.at({still.at->numerator(), still.at->denominator()});
  return {.image = std::move(image), .warnings = clip.warnings()};
}

}  // namespace latentreel::render
