#pragma once

#include <filesystem>
#include <string>

#include "scenes/scene_error.h"

// Reading scenes and manifests as texts. Internal to the room.

namespace latentreel::scenes {

// The file's text, or its first kMaxSceneBytes + 1 bytes: a longer one is refused by whoever parses
// it. Throws SceneError (missing, unreadable).
std::string read_text_file(const std::filesystem::path& file);

// A mistake that concerns the file as a whole.
SceneError whole_file_error(SceneError::Kind kind, const std::filesystem::path& file,
                            std::string message, std::string hint = {});

}  // namespace latentreel::scenes
