#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "scenes/scene.h"
#include "scenes/scene_error.h"
#include "scenes/song_map.h"

// Reads a scene file, complete and checked, or says everything that is wrong with it at once.
//
// Where an option comes from, later ones winning: defaults; the recipe (the keyframe's, else
// [optimize]'s); [optimize]; the keyframe; overrides of `optimize.KEY`; overrides of
// `keyframe.N.KEY`. Lists replace lists. Keyframes are put in order of time. The first keyframe has
// no previous one: `start = "previous"` there means its recipe's own start.
//
// A scene is untrusted: its size, nesting, numbers and texts are limited before anything is built
// of it. Pictures, song and label file must exist; if that is all that is wrong the error's kind is
// `missing`. Subtitles as lyrics are read by `subtitles`; without it they are a mistake. What is
// allowed but probably not meant, as another program's way to weight words, is
// noted in the scene.

namespace latentreel::scenes {

// One `--set KEY=VALUE`. The value is read as TOML where it is TOML and taken as a text otherwise.
struct Override {
  std::string key;    // "optimize.iterations", "keyframe.3.prompt": counted from 0, by time
  std::string value;  // "50", "previous", "[\"a\", \"b\"]"
};

// Throws SceneError.
Scene read_scene(const std::filesystem::path& file, const std::vector<Override>& overrides = {},
                 const SubtitleReader& subtitles = {});

// The same from a text; `file` names it in messages, and relative paths in it are resolved against
// the folder of `file`.
Scene parse_scene(std::string_view text, const std::filesystem::path& file,
                  const std::vector<Override>& overrides = {},
                  const SubtitleReader& subtitles = {});

// The limits, for messages and tests.
inline constexpr std::size_t kMaxSceneBytes = 256 * 1024;
inline constexpr std::size_t kMaxKeyframes = 10'000;
inline constexpr std::int64_t kMaxFrames = 10'000'000;
inline constexpr int kMaxSide = 16'384;
inline constexpr std::int64_t kMaxFps = 240;

}  // namespace latentreel::scenes
