#pragma once

#include <optional>
#include <string_view>

#include "scenes/mistakes.h"

// Checks a scene's text before the TOML parser sees it. toml++ 3.3.0 recurses with every bracket
// and every part of a dotted key, so a hostile file could exhaust the stack: both are limited here.
// Its behaviour is undefined for letters outside ASCII (U+00A1 to U+0499) that are not in quotes:
// they are refused here. Every quote must stand where a text can begin, so that this check and the
// parser agree on what is quoted. The text must also be UTF-8. Internal to the room.

namespace latentreel::scenes {

inline constexpr int kMaxBrackets = 16;  // [ and { open at once
inline constexpr int kMaxDots = 16;      // in one key, without those inside quotes

// Adds at most one mistake to `mistakes`; whether the text may go to the parser.
bool within_toml_limits(std::string_view text, Mistakes& mistakes);

}  // namespace latentreel::scenes
