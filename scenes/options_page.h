#pragma once

#include <string>

namespace latentreel::scenes {

// The reference page of all options of a scene, as Markdown made from the rows: the values allowed,
// the default, what the option does, and what the recipes choose. OPTIONS.md is this text.
std::string options_page();

}  // namespace latentreel::scenes
