#pragma once

#include <filesystem>
#include <vector>

#include "scenes/scene_reader.h"

// A list of films to render together: an album, say. One entry for each film; settings that all of
// them share.
//
//   [shared]                      any keys of a scene
//   video.fps = 24
//   optimize.iterations = 150
//
//   [[film]]
//   scene = "dawn.toml"           relative to the manifest's folder
//   output = "01-dawn.mp4"        optional; relative to the folder that films go to
//   set.music.file = "dawn.flac"  optional: keys of this film, which win over the shared ones

namespace latentreel::scenes {

struct ManifestFilm {
  std::filesystem::path scene;
  std::filesystem::path output;     // empty: the scene's name
  std::vector<Override> overrides;  // shared ones first
  int line = 0;
};

// Whether the file is a manifest rather than a scene: it has [[film]] and no [[keyframe]]. False
// for a file that cannot be read.
bool is_manifest(const std::filesystem::path& file);

// Throws SceneError with everything that is wrong. There may be at most kMaxFilms films, and each
// scene file must exist. What the settings mean is checked when each scene is read.
std::vector<ManifestFilm> read_manifest(const std::filesystem::path& file);

inline constexpr std::size_t kMaxFilms = 10'000;

}  // namespace latentreel::scenes
