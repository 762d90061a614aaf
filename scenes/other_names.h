#pragma once

#include <string>
#include <string_view>

// Keys of other programs' scenes and notebooks. Internal to the room.

namespace latentreel::scenes {

// What `key` is called here, or why there is nothing like it: a hint for a person who brings it
// along. Empty for a key that no other program is known for.
std::string called_here(std::string_view key);

}  // namespace latentreel::scenes
