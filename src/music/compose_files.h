#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "scenes/compose.h"

namespace latentreel::music {

struct ComposeRequest {
  std::filesystem::path song;      // or a folder of songs
  std::filesystem::path lyrics;    // empty: none; a folder's songs have theirs beside them
  std::filesystem::path output;    // empty: beside the song; for a folder, the manifest
  scenes::ComposeOptions options;  // its title, its files and its step are filled in
  // Empty: the label file of `analyze` (label_file_name) where there is one beside the scene or
  // beside the song, or, where it is one song, in the working folder, unless options.bpm is the
  // tempo.
  std::filesystem::path beats;
  // How often a picture comes where there are no lyrics; none: every 4 bars, without a tempo 8 s.
  std::optional<scenes::ComposeStep> step;
};

// A file to be written.
struct ComposedFile {
  std::filesystem::path file;
  std::string text;
  std::filesystem::path beats{};   // what was found for a scene unasked; empty: none
  std::size_t lines_left_out = 0;  // of the lyrics, as they come after the song's end
};

// The scene of a song; of a folder, those of its songs in the order of their names, and a manifest
// ("album.toml") behind them. A song's lyrics in a folder have its name and end in .lrc, .srt, .ass
// or .vtt, the first of which is taken. Titles are the songs' own, or the names of their files.
// Each song is read to its end for its length. Throws scenes::SceneError and ffmpeg::MediaError.
std::vector<ComposedFile> compose_files(const ComposeRequest& request);

}  // namespace latentreel::music
