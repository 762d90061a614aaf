#pragma once

#include "models/clip/code_points.h"

namespace latentreel::models {

// ftfy.fix_text with its defaults, without its guess at text that was decoded wrongly. Works line
// by line; from the first line with a '<' on, entities are kept: it may be HTML on purpose.
Text fix_text(View text);

}  // namespace latentreel::models
