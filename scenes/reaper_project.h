#pragma once

#include <filesystem>
#include <string_view>

#include "scenes/song_map.h"

// Tempo, markers and regions of a Reaper project (.rpp), a text of nested lists:
//
//   <REAPER_PROJECT 0.1 "6.80" 1700000000
//     TEMPO 120 4 4                     quarter notes a minute, time signature
//     MARKER 1 8.5 "drop" 0             number, seconds, name, flags
//     MARKER 2 16 "chorus" 1            a region begins ...
//     MARKER 2 32 "" 1                  ... and ends
//     <TEMPOENVEX
//       PT 0 120 1 262148               seconds, tempo, 1: stays, 0: glides to the next point;
//     >                                   the signature: beats + 65536 * unit, which begins a bar
//   >
//
// Where there are points, the first one's tempo holds from the beginning on. The song is taken to
// begin where the project does. Markers without a name are left out. Internal to the room.

namespace latentreel::scenes {

bool is_reaper_project(std::string_view content);

// `file` is for messages. Throws SceneError.
SongMap parse_reaper_project(std::string_view text, const std::filesystem::path& file);

}  // namespace latentreel::scenes
