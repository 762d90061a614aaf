#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "scenes/rational_time.h"
#include "scenes/tempo_map.h"

// Times as people write them:
//   12.5  12.5s  377/118s      seconds (a fraction where a decimal would not be exact)
//   frame 96                   the beginning of a frame, counted from 0
//   00:01:12.500  1:12.5       hours, minutes, seconds; minutes, seconds
//   beat 33  beat 33.5         beats from 1
//   bar 9  bar 9 beat 3        bars from 1, beats of the bar from 1
// Decimals are exact to a millionth of a second and rounded beyond. Beats and bars are the song's:
// where the film uses only a part of the song, film time is song time minus the part's start.

namespace latentreel::scenes {

struct Scene;

// What a time text needs to become seconds.
struct TimeContext {
  FrameRate fps;
  std::optional<TempoMap> tempo;  // none: beats and bars are errors
  RationalTime song_from;         // subtracted from beats and bars
};

// The context of a scene's film times, for texts from elsewhere (`--at "bar 9"`). Reads the beats
// file if there is one. Throws SceneError.
TimeContext time_context(const Scene& scene);

// The time that `text` names. Throws SceneError with one diagnostic, without a place.
RationalTime parse_time(std::string_view text, const TimeContext& context);

// Whether `text` names a place in the music (beat, bar) and not a plain time.
bool is_musical(std::string_view text);

// The shortest text that parse_time reads as exactly `time`: "4s", "0.37s" or "377/118s".
std::string exact_time_text(RationalTime time);

}  // namespace latentreel::scenes
