#pragma once

#include <string>

namespace latentreel::scenes {

// Every option of a scene for people, as Markdown made from the rows: what it may be, what it is by
// default, what it does, and what the recipes choose. OPTIONS.md is this text.
std::string options_page();

}  // namespace latentreel::scenes
