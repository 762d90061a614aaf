#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "scenes/rational_time.h"
#include "scenes/song_map.h"

// First scenes for songs, as a person would write them: readable, explained, ready to be edited.

namespace latentreel::scenes {

// Frames a second of the scenes that are written.
inline constexpr FrameRate kComposedRate{.numerator = 24, .denominator = 1};

// How often a picture comes: "2 bars", "8 beats", "4s".
struct ComposeStep {
  enum class Unit { seconds, beats, bars };
  Unit unit = Unit::seconds;
  RationalTime count = {8, 1};
};

// Throws SceneError.
ComposeStep parse_step(std::string_view text);

struct ComposeOptions {
  std::string title;
  // Files as the scene names them; empty: none. A file without beats is `sections`.
  std::string song, lyrics, beats, sections{};
  std::optional<RationalTime> bpm{};
  std::string style{};                 // joined to every prompt; empty: none
  ComposeStep step{};                  // where there are no lyrics
  std::vector<std::string> prompts{};  // used in turn where there are no lyrics
};

// A scene with one keyframe for every line of the song's lyrics, whose words are the prompt; of
// lines on one frame, the first. Equal lines have equal prompts, and so the same picture. Without
// lyrics it has one keyframe every `step` from the song's beginning to its end at `length`; its
// prompts are the given ones, else placeholders. The text is a valid scene.
// Throws SceneError where a step in beats or bars has no tempo, no lyric has words, or the scene
// would be too long.
std::string compose_scene(const ComposeOptions& options, const SongMap& song, RationalTime length);

// A manifest of these scenes, in order: films are called by the scenes' names, behind a number
// where those do not all begin with a digit.
std::string compose_manifest(const std::vector<std::string>& scenes);

}  // namespace latentreel::scenes
