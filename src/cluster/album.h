#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace latentreel::cluster {

// What became of an album's films when it was submitted, as a file beside the album (album.toml:
// album.submission.json) that status and cancel read: JSON, one object.
//
//   "format"  "latentreel album 1"
//   "films"   [{"scene", "film", "plan", "code", "error"}, ...]; code is 0, or why the film was not
//             submitted, which error says in words
struct AlbumFilm {
  std::string scene = {};
  std::string film = {};            // where it goes; empty where that is not known
  std::filesystem::path plan = {};  // absolute
  int code = 0;
  std::string error = {};

  friend bool operator==(const AlbumFilm&, const AlbumFilm&) = default;
};

std::filesystem::path album_file(const std::filesystem::path& album);

std::string album_text(const std::vector<AlbumFilm>& films);

// Nothing where there is no file. Throws ClusterError (plan) for one that is none of this version.
std::optional<std::vector<AlbumFilm>> read_album(const std::filesystem::path& file);

}  // namespace latentreel::cluster
