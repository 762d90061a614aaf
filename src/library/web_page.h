#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace latentreel::library {

// How much of a file's beginning page_title looks at, bytes.
inline constexpr std::size_t kPageHead = 4096;

// The title (which may be empty) if a file that begins with these bytes is a web page, else
// nothing. Servers answer dead links with such a page and HTTP 200. No model begins with "<".
std::optional<std::string> page_title(std::string_view head);

}  // namespace latentreel::library
