#pragma once

#include <string>
#include <string_view>

// The cleaning of texts (text_cleaning.h) works on code points.

namespace latentreel::models {

using Text = std::u32string;
using View = std::u32string_view;

Text decoded(std::string_view text);  // throws std::invalid_argument for what is not UTF-8
std::string encoded(View text);

// What utf8proc_map gives for `text` with these options. Throws std::invalid_argument.
Text normalized(View text, int options);
Text nfc(View text);

// ASCII only.
bool is_digit(char32_t c);
bool is_letter(char32_t c);

// The character that Windows-1252 has at c (U+0080 to U+009F); c itself for the five that it leaves
// undefined.
char32_t windows_1252(char32_t c);

}  // namespace latentreel::models
