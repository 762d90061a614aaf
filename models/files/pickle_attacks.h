#pragma once

#include <string_view>

namespace latentreel::models {

// Whether a name in a pickle is one that attacks need and checkpoints do not: what starts programs,
// evaluates code, opens files or sockets, unpickles further pickles, or gets at any of those. No
// name is ever looked up, whatever this returns; but a file with such a name was made to run code
// when Python opens it, and its owner should know.
bool is_attack(std::string_view module, std::string_view name);

}  // namespace latentreel::models
