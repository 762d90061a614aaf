#pragma once

#include <string_view>

namespace latentreel::models {

// Whether a name in a pickle is one that no checkpoint needs and attacks do: what starts programs,
// evaluates code, opens files or sockets, unpickles further pickles, or gets at any of those. Names
// are never looked up whatever this says; a file with one of these was made to be run where Python
// opens it, and its owner should know.
bool is_attack(std::string_view module, std::string_view name);

}  // namespace latentreel::models
