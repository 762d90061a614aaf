#include "models/clip/text_cleaning.h"

#include "models/clip/character_references.h"
#include "models/clip/code_points.h"
#include "models/clip/lower_casing.h"
#include "models/clip/text_fixing.h"

namespace latentreel::models {
namespace {

bool is_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

Text collapsed(View text) {
  Text result;
  bool space = false;
  for (const auto c : text) {
    if (is_space(c)) {
      space = true;
      continue;
    }
    if (space && !result.empty()) result += U' ';
    space = false;
    result += c;
  }
  return result;
}

}  // namespace

std::string clean_text(std::string_view text) {
  auto result = fix_text(decoded(text));
  for (int i = 0; i < 2; ++i) result = html_unescaped(result);
  return encoded(lowered(collapsed(result)));
}

std::string unescape_html(std::string_view text) {
  return encoded(html_unescaped(decoded(text)));
}

std::string lower_case(std::string_view text) {
  return encoded(lowered(decoded(text)));
}

}  // namespace latentreel::models
