#pragma once

#include <string>
#include <string_view>

// The scenes that `latentreel new` writes: every section explained, ready to render with the
// bundled models.

namespace latentreel::scenes {

enum class TemplateKind {
  film,     // three keyframes and the way between them
  zoom,     // an endless zoom, whose frames grow out of one another
  footage,  // a clip that is repainted
};

// A commented scene file with this title (the default where it is empty or not printable).
// `schema`, the URL of scene_schema()'s text, is named in its first line, where editors look for
// it.
std::string scene_template(std::string_view title = "First light", std::string_view schema = {},
                           TemplateKind kind = TemplateKind::film);

// The same for footage: `clip` is the clip's name as the scene has to name it, and width and height
// its pixels as they are seen; the film has its shape, but for whole cells. Throws
// std::invalid_argument for a name that is not printable.
std::string footage_template(std::string_view title, std::string_view schema, std::string_view clip,
                             int width, int height);

}  // namespace latentreel::scenes
