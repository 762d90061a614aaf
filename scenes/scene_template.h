#pragma once

#include <string>
#include <string_view>

// The scene that `latentreel new` writes: three keyframes, every section explained, ready to render
// with the bundled models.

namespace latentreel::scenes {

// A commented scene file with this title (the default where it is empty or not printable).
std::string scene_template(std::string_view title = "First light");

}  // namespace latentreel::scenes
