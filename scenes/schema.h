#pragma once

#include <string>

namespace latentreel::scenes {

// The scene format as JSON Schema (draft 7), made from the rows of all options: editors that know
// it complete and check a scene while it is typed. What depends on several keys (times in order, a
// duration that is long enough) only read_scene can tell.
std::string scene_schema();

}  // namespace latentreel::scenes
