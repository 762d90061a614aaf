#pragma once

#include <memory>
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
//   chorus  chorus 2           a section or marker of the song; the second one called so. Between
//   "808"  "2 bars" 2            quotation marks its name may be anything
//   lyric "let it be"          the first line of the lyrics that begins with these words, with or
//   lyric "let it be" 2          without the quotation marks; the second such line
//   bar 9 + 2 beats            any of these, later or earlier by seconds, frames, beats or bars:
//   chorus - 0.5s                a sign between blanks, a number, a unit
// Decimals are exact to a millionth of a second and rounded beyond. What counts in the song is
// song time: where the film uses only a part of the song, film time is song time minus the part's
// start. A bar later or earlier is the same beat of that bar.
//
// What can be read in two ways is read as the one that stands higher in this list: a section that
// is called "bar 9" needs quotation marks of its own, '"bar 9"'. Names are compared as song_names.h
// says.

namespace latentreel::scenes {

struct Scene;
struct SongMap;
class SongNames;

// What to try where a tempo is missing.
inline constexpr std::string_view kHowToSetTempo =
    "set bpm in [music], or beats to a label, Reaper or MIDI file";

// What a time text needs to become seconds.
struct TimeContext {
  FrameRate fps;
  std::optional<TempoMap> tempo;             // none: beats and bars are errors
  RationalTime song_from;                    // subtracted from song times
  std::shared_ptr<const SongNames> names{};  // null: none
};

// Adds tempo and names of a song.
void add_song(const SongMap& song, TimeContext& context);

// The context of a scene's film times, for texts from elsewhere (`--at "bar 9"`). Reads the song's
// files unless they came with the scene. Throws SceneError.
TimeContext time_context(const Scene& scene);

// The time that `text` names, before 0 where it lies before the film. Throws SceneError with one
// diagnostic, without a place.
RationalTime parse_time(std::string_view text, const TimeContext& context);

// How long "2 beats", "1 bar" or "1.5 bars" last from film time `from` on, at the tempo there; none
// for other texts. Throws SceneError with one diagnostic, without a place.
std::optional<RationalTime> musical_length(std::string_view text, RationalTime from,
                                           const TimeContext& context);

// What is wrong with `text` whatever the song is, of which tempo and names are not known yet; empty
// where nothing is.
std::string mistake_in_any_song(std::string_view text);

// Whether `text` names, or may name, a place in the music and not a plain time.
bool is_musical(std::string_view text);

// The shortest text that parse_time reads as exactly `time`: "4s", "0.37s" or "377/118s".
std::string exact_time_text(RationalTime time);

}  // namespace latentreel::scenes
