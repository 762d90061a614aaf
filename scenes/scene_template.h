#pragma once

#include <string>
#include <string_view>

// The scene that `latentreel new` writes: three keyframes, every section explained, ready to render
// with the bundled models.

namespace latentreel::scenes {

// A commented scene file with this title (the default where it is empty or not printable).
// `schema`, the URL of scene_schema()'s text, is named in its first line, where editors look for
// it.
std::string scene_template(std::string_view title = "First light", std::string_view schema = {});

}  // namespace latentreel::scenes
