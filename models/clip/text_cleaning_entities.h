#pragma once

#include <string_view>

// The character entities of HTML 4, with HTML 5's apos and capital AMP, COPY, GT, LT, QUOT, REG
// (and HTML 5's characters for lang and rang).

namespace latentreel::models {

// The character that "&name;" stands for, or 0.
char32_t html_entity(std::string_view name);

// The same for the old names that are also read where no semicolon follows: "&copy 2024".
char32_t html_entity_without_semicolon(std::string_view name);

}  // namespace latentreel::models
