#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace latentreel::library {

// How much of a file's beginning page_title looks at, bytes.
inline constexpr std::size_t kPageHead = 4096;

// Whether a file that begins with these bytes is a web page: its title then, which may be empty.
// Servers answer so, with HTTP 200, where a link is dead. No model begins with "<".
std::optional<std::string> page_title(std::string_view head);

}  // namespace latentreel::library
