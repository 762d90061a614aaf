#pragma once

#include "models/clip/code_points.h"

// HTML's character references ("&eacute;", "&#233;") as two libraries decode them.

namespace latentreel::models {

// As Python's html.unescape.
Text html_unescaped(View text);

// As ftfy: only with a semicolon, but also names written in capitals where that is unambiguous.
Text ftfy_unescaped(View text);

}  // namespace latentreel::models
