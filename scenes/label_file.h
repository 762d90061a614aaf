#pragma once

#include <filesystem>
#include <string_view>

#include "scenes/song_map.h"

// Beats, bars and sections as Audacity writes a label track; also what `latentreel analyze` writes.
//
//   0.370000<TAB>0.370000<TAB>1.1        beat 1 of bar 1
//   0.870000<TAB>0.870000<TAB>1.2
//   0.370000<TAB>15.80000<TAB>section A  a section, called "A" or "section A"
//   16.20000<TAB>16.20000<TAB>drop       a single place, called "drop"
//   1.37                                 a beat: a list of times is a label file too
//
// Times are seconds. A label is a beat where its text is empty, a number, "B" (as Audacity's beat
// finder writes), "beat", "beat 9", "bar", "bar 3" or "bar.beat"; everything else is a name. Equal
// times are one beat. Bars begin at "bar", "bar 3" and "3.1"; where their numbers are given, they
// must count on. Without any, bars have as many beats as the scene says. Lines of frequencies,
// beginning with a backslash, are skipped. Internal to the room.

namespace latentreel::scenes {

// `file` is for messages. Fewer than two beats give no tempo. Throws SceneError.
SongMap parse_labels(std::string_view text, const std::filesystem::path& file, int beats_per_bar);

}  // namespace latentreel::scenes
