#pragma once

#include <string>
#include <string_view>

// What CLIP does to a text before it is cut into tokens, so that “smart quotes”, ｗｉｄｅ letters
// and "caf&eacute;" reach it as the text it was trained on.

namespace latentreel::models {

// Note [Cleaning]
// In this order, as openai/CLIP does:
//   1. ftfy.fix_text with its defaults, repeated until nothing changes
//   2. HTML entities are decoded, twice
//   3. every run of Unicode white space becomes one space, and none is left at the ends
//   4. full lower-casing: final sigma by its context, İ as i and a combining dot
//
// ftfy.fix_text decodes HTML entities (unless the text holds a literal '<') and reads C1 controls
// as Windows-1252. It replaces Latin ligatures, full and half widths and curly quotes by plain
// characters, removes terminal escapes and control characters, and normalises to NFC.
//
// Not done: ftfy's guess at text that was decoded wrongly ("mojibake"). Of HTML 5's 2125 names
// those of HTML 4 are known (and apos, AMP, LT, GT, QUOT, COPY, REG); the rest stay as they are
// written. Throws std::invalid_argument for text that is not UTF-8.
std::string clean_text(std::string_view text);

// The steps, for their tests.
std::string unescape_html(std::string_view text);  // as Python's html.unescape
std::string lower_case(std::string_view text);     // as Python's str.lower

}  // namespace latentreel::models
