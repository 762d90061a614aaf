#pragma once

#include <cstdint>
#include <string>

#include "scenes/scene.h"
#include "scenes/timeline.h"

// Frames as a person names them on the command line: FIRST:END, where each side is a frame ("24"),
// a time ("4.5s", "bar 9", all that scenes/time_text.h knows) or left out. END is not included.
// Clock times contain colons too, so the middle one of all colons separates.

namespace latentreel::cli {

// What is wrong with the text regardless of the scene; empty where nothing is.
std::string check_frame_range(const std::string& text);
std::string check_time(const std::string& text);  // the same of one time

// The frames that a checked text names in a film of `total` frames, not clamped to it. Throws
// SceneError where the scene does not know such a time, CLI::ValidationError where the range is
// empty or reversed.
scenes::FrameRange parse_frame_range(const std::string& text, const scenes::Scene& scene,
                                     std::int64_t total);

}  // namespace latentreel::cli
