#pragma once

#include <string>

#include "scenes/scene.h"

// Writes a scene back as TOML: everything resolved, options that the recipe already implies left
// out, file names without their folders. The text is stored in a film's metadata and, with the
// files beside it, reads back as the same scene. Musical positions have become exact seconds.

namespace latentreel::scenes {

std::string scene_text(const Scene& scene);

}  // namespace latentreel::scenes
