#pragma once

#include <string>

#include "scenes/scene.h"

namespace latentreel::scenes {

// The scene made small, to see in a tenth of the time whether a film sits on its song. Frame rate,
// times and curves stay, so that every frame has the number it has in the film. Pictures have a
// quarter of the sides, but no less than kPreviewSide where the film has it; a tenth of the
// iterations look at half of the cutouts; and every frame has its caption.
Scene preview_of(const Scene& whole);

inline constexpr int kPreviewSide = 64;  // pixels of the shorter side

// What was made smaller, for people: "64x64 instead of 256x256 pixels, ...".
std::string preview_text(const Scene& whole, const Scene& preview);

}  // namespace latentreel::scenes
