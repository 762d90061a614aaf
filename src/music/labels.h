#pragma once

#include <filesystem>
#include <string>

#include "src/music/analysis.h"

// An analysis as texts: for Audacity, for a scene, for people.

namespace latentreel::music {

// A label track, as Audacity imports and exports it: a point label "BAR.BEAT" at every beat, the
// first of which is 1.1, and a range labelled "section A" for every section. Where there is no
// steady beat it has sections only. scenes::parse_times reads it.
std::string label_track(const SongAnalysis& song);

// The name that a song's label track has unless another is asked for: "song.beats.txt".
std::string label_file_name(const std::filesystem::path& song);

// Tempo, first bar, confidence and sections, a line each.
std::string describe(const SongAnalysis& song);

// The lines of a scene that use the analysis: the tempo where it is even, else the beats in
// `labels`. Both files are named as they are given.
std::string music_lines(const SongAnalysis& song, const std::filesystem::path& file,
                        const std::filesystem::path& labels);

// A section's name: "A" to "Z", then "A1", "B1", ...
std::string section_name(const Section& section);

}  // namespace latentreel::music
