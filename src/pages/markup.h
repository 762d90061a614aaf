#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

// Texts and numbers as a page shows them.

namespace latentreel::report {

// Any bytes as text between tags or inside a quoted attribute: the five characters with a meaning
// there are escaped; control characters and bytes that are not UTF-8 become U+FFFD.
std::string escape(std::string_view text);

// At most `columns` columns of `text`, its end replaced by "…" where it is longer. Characters of
// East Asian width count as two. Not escaped.
std::string elide(std::string_view text, int columns);

std::string base64(std::span<const std::uint8_t> bytes);

// About three significant digits, no exponent below a million: "0.312", "12.4", "250". Not finite:
// "not a number".
std::string number(double value);

// "0.4 s", "12.5 s", "2 min 05 s", "1 h 02 min": how long something took, with its unit, for
// sentences and tables. (What counts down in a terminal is written as on a clock:
// cli::format_duration.)
std::string duration(double seconds);

// "1 frame", "2 frames".
std::string count(std::int64_t number, std::string_view noun);

}  // namespace latentreel::report
