#pragma once

#include "models/clip/code_points.h"

namespace latentreel::models {

// Unicode's full lower-casing, as Python's str.lower: a final sigma by its context, İ as i and a
// combining dot.
Text lowered(View text);

}  // namespace latentreel::models
