#pragma once

#include "models/clip/code_points.h"

// HTML's character references ("&eacute;", "&#233;") as two readers take them.

namespace latentreel::models {

// As Python's html.unescape.
Text html_unescaped(View text);

// As ftfy: with a semicolon only; also an unambiguous name all in capitals.
Text ftfy_unescaped(View text);

}  // namespace latentreel::models
