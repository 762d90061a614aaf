#pragma once

#include <filesystem>
#include <string_view>

#include "scenes/song_map.h"

// The tempo, the time signatures, the markers and the cue points of a Standard MIDI File (the MIDI
// Association's "Standard MIDI Files 1.0"), of format 0 or 1, counted in parts of a quarter note or
// in frames of SMPTE time code. Notes are passed over. The song is taken to begin where the file
// does; without a tempo, a quarter note takes half a second, as the standard says. Internal to the
// room.

namespace latentreel::scenes {

bool is_midi_file(std::string_view content);

// `file` is for messages, which name the byte. Throws SceneError.
SongMap parse_midi_file(std::string_view bytes, const std::filesystem::path& file);

}  // namespace latentreel::scenes
