#pragma once

#include <string>

#include "scenes/scene.h"

// Writes a scene back as TOML: everything resolved, nothing that the recipe already says, file
// names without their folders. It travels in a film's metadata and, with the files beside it, reads
// back to the same scene. Musical positions have become exact seconds.

namespace latentreel::scenes {

std::string scene_text(const Scene& scene);

}  // namespace latentreel::scenes
