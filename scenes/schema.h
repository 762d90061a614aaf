#pragma once

#include <string>

namespace latentreel::scenes {

// The scene format as JSON Schema (draft 7), made from the rows of all options: editors that
// support it complete and check a scene while it is typed. Only read_scene can check what depends
// on several keys (times in order, a duration that is long enough).
std::string scene_schema();

}  // namespace latentreel::scenes
