#include "models/clip/text_cleaning.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <stdexcept>

#include "models/clip/text_cleaning_entities.h"

namespace latentreel::models {
namespace {

// The work is done on code points.
using Text = std::u32string;
using View = std::u32string_view;

Text decoded(std::string_view text) {
  Text result;
  result.reserve(text.size());
  const auto* data = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t i = 0; i < text.size();) {
    utf8proc_int32_t c = -1;
    const auto length =
        utf8proc_iterate(data + i, static_cast<utf8proc_ssize_t>(text.size() - i), &c);
    if (length <= 0) {
      throw std::invalid_argument("byte " + std::to_string(i) + " is not UTF-8");
    }
    result += static_cast<char32_t>(c);
    i += static_cast<std::size_t>(length);
  }
  return result;
}

std::string encoded(View text) {
  std::string result;
  result.reserve(text.size());
  for (const auto c : text) {
    std::array<utf8proc_uint8_t, 4> bytes{};
    const auto length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(c), bytes.data());
    result.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(length));
  }
  return result;
}

Text normalized(View text, int options) {
  const auto bytes = encoded(text);
  utf8proc_uint8_t* mapped = nullptr;
  const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(bytes.data()),
                                   static_cast<utf8proc_ssize_t>(bytes.size()), &mapped,
                                   static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, void (*)(void*)> owner(mapped, &std::free);
  if (length == UTF8PROC_ERROR_NOMEM) throw std::bad_alloc();
  if (length < 0) throw std::invalid_argument(utf8proc_errmsg(length));
  return decoded({reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(length)});
}

Text nfc(View text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char32_t c) { return c < 0x300; });
  return plain ? Text(text) : normalized(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

// --- HTML -------------------------------------------------------------------------------------

bool is_digit(char32_t c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
int hex_value(char32_t c) {
  if (is_digit(c)) return static_cast<int>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<int>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<int>(c - 'A') + 10;
  return -1;
}

// Windows-1252 for U+0080 .. U+009F; the five that it leaves open stay.
constexpr std::array<char32_t, 32> kWindows1252{
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178,
};

// What HTML 5 reads for the number of a character reference; 0 for nothing at all.
char32_t numbered_character(std::uint32_t number) {
  if (number == 0) return 0xFFFD;
  if (number >= 0x80 && number <= 0x9F) return kWindows1252[number - 0x80];
  if ((number >= 0xD800 && number <= 0xDFFF) || number > 0x10FFFF) return 0xFFFD;
  const bool control =
      number < 0x20 && number != '\t' && number != '\n' && number != '\f' && number != '\r';
  const bool nothing = (number >= 0xFDD0 && number <= 0xFDEF) || (number & 0xFFFE) == 0xFFFE;
  return control || number == 0x7F || nothing ? 0 : number;
}

// A character reference at the start of a text: how long it is, and what it stands for.
struct Reference {
  std::size_t length = 0;  // 0: none
  Text characters;
};

// "#38", "#x26": digits after `#`, with the number held below 2^31.
struct Number {
  std::size_t length = 0;  // 0: none
  std::uint32_t value = 0;
};

Number read_number(View text) {
  Number number;
  std::uint32_t base = 10;
  std::size_t i = 1;
  if (i < text.size() && (text[i] == 'x' || text[i] == 'X')) {
    base = 16;
    ++i;
  }
  const std::size_t first = i;
  for (; i < text.size(); ++i) {
    const int digit = hex_value(text[i]);
    if (digit < 0 || static_cast<std::uint32_t>(digit) >= base) break;
    number.value = std::min(number.value * base + static_cast<std::uint32_t>(digit), 0x200000u);
  }
  if (i > first) number.length = i;
  return number;
}

std::string ascii(View text) {
  std::string result;
  for (const auto c : text) result += c < 0x80 ? static_cast<char>(c) : '\x7f';
  return result;
}

// As Python's html.unescape: `text` follows an '&'.
Reference html_reference(View text) {
  if (text.empty()) return {};
  if (text[0] == '#') {
    const auto number = read_number(text);
    if (number.length == 0) return {};
    const bool semicolon = number.length < text.size() && text[number.length] == ';';
    const auto c = numbered_character(number.value);
    return {number.length + (semicolon ? 1 : 0), c == 0 ? Text() : Text(1, c)};
  }
  std::size_t length = 0;
  while (length < text.size() && length < 32 && (is_letter(text[length]) || is_digit(text[length])))
    ++length;
  const auto name = ascii(text.substr(0, length));
  if (length < text.size() && text[length] == ';') {
    if (const auto c = html_entity(name)) return {length + 1, Text(1, c)};
  }
  for (std::size_t n = length; n >= 2; --n) {
    if (const auto c = html_entity_without_semicolon(std::string_view(name).substr(0, n))) {
      return {n, Text(1, c)};
    }
  }
  return {};
}

// As ftfy: with a semicolon only; also an unambiguous name all in capitals.
Reference ftfy_reference(View text) {
  constexpr std::size_t kLongest = 24;
  const bool numbered = !text.empty() && text[0] == '#';
  const std::size_t first = numbered ? 1 : 0;
  std::size_t length = first;
  while (length < text.size() && length - first < kLongest &&
         (is_letter(text[length]) || is_digit(text[length]))) {
    ++length;
  }
  if (length == first || length == text.size() || text[length] != ';') return {};
  if (numbered) {
    const auto number = read_number(text.substr(0, length));
    if (number.length != length) return {};
    const auto c = numbered_character(number.value);
    if (c == ';') return {};
    return {length + 1, c == 0 ? Text() : Text(1, c)};
  }
  auto name = ascii(text.substr(0, length));
  if (const auto c = html_entity(name)) return {length + 1, Text(1, c)};
  for (const char c : name) {
    if (c >= 'a' && c <= 'z') return {};
  }
  for (std::size_t n = name.size(); n >= 2; --n) {  // "&GTX;" already reads as "&GT" and "X;"
    if (html_entity_without_semicolon(std::string_view(name).substr(0, n))) return {};
  }
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  const auto c = html_entity(name);
  if (c == 0) return {};
  if (c == 0xDF) return {length + 1, U"SS"};
  return {length + 1,
          Text(1, static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(c))))};
}

Text unescaped(View text, Reference (*reference)(View)) {
  Text result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const auto found = text[i] == '&' ? reference(text.substr(i + 1)) : Reference();
    if (found.length == 0) {
      result += text[i++];
    } else {
      result += found.characters;
      i += 1 + found.length;
    }
  }
  return result;
}

// --- ftfy -------------------------------------------------------------------------------------

// Latin ligatures and digraphs of one code point, spelt out.
View ligature(char32_t c) {
  switch (c) {
    case 0x0132:
      return U"IJ";
    case 0x0133:
      return U"ij";
    case 0x0149:
      return U"\u02BCn";
    case 0x01F1:
      return U"DZ";
    case 0x01F2:
      return U"Dz";
    case 0x01F3:
      return U"dz";
    case 0x01C4:
      return U"D\u017D";
    case 0x01C5:
      return U"D\u017E";
    case 0x01C6:
      return U"d\u017E";
    case 0x01C7:
      return U"LJ";
    case 0x01C8:
      return U"Lj";
    case 0x01C9:
      return U"lj";
    case 0x01CA:
      return U"NJ";
    case 0x01CB:
      return U"Nj";
    case 0x01CC:
      return U"nj";
    case 0xFB00:
      return U"ff";
    case 0xFB01:
      return U"fi";
    case 0xFB02:
      return U"fl";
    case 0xFB03:
      return U"ffi";
    case 0xFB04:
      return U"ffl";
    case 0xFB05:
      return U"\u017Ft";
    case 0xFB06:
      return U"st";
    default:
      return {};
  }
}

bool is_removed(char32_t c) {
  return c <= 0x08 || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F ||
         (c >= 0x206A && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFC);
}

// One character in the form that ftfy gives it, before terminal escapes are looked for.
void append_plain(Text& result, char32_t c) {
  if (c >= 0x80 && c <= 0x9F) c = kWindows1252[c - 0x80];
  if (const auto letters = ligature(c); !letters.empty()) {
    for (const auto letter : letters) result += letter == 0x02BC ? U'\'' : letter;
    return;
  }
  if (c == 0x3000) {
    result += U' ';
  } else if (c >= 0xFF01 && c <= 0xFFEF) {
    result += normalized(View(&c, 1), UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE);
  } else if (c >= 0x201C && c <= 0x201F) {
    result += U'"';
  } else if (c == 0x02BC || (c >= 0x2018 && c <= 0x201B)) {
    result += U'\'';
  } else if (c == '\r' || c == 0x2028 || c == 0x2029) {
    result += U'\n';
  } else {
    result += c;
  }
}

// ESC [ digits and semicolons, a letter: how long it is at the start of `text`, or 0.
std::size_t terminal_escape(View text) {
  if (!text.starts_with(U"\x1b[")) return 0;
  std::size_t i = 2;
  while (i < text.size() && (text[i] == ';' || utf8proc_category(static_cast<utf8proc_int32_t>(
                                                   text[i])) == UTF8PROC_CATEGORY_ND)) {
    ++i;
  }
  return i < text.size() && is_letter(text[i]) ? i + 1 : 0;
}

Text without_controls(View text) {
  Text result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    if (const auto length = terminal_escape(text.substr(i))) {
      i += length;
      continue;
    }
    if (!is_removed(text[i])) result += text[i];
    ++i;
  }
  return result;
}

enum class Html { keep, decode };

// One line. Repeated until nothing changes, as one step may make work for another; each pass can
// undo a level of "&amp;amp;…", and no honest text has many of them.
Text fix_line(Text line, Html html) {
  constexpr int kPasses = 32;
  for (int pass = 0; pass < kPasses; ++pass) {
    const Text before = line;
    if (html == Html::decode) line = unescaped(line, &ftfy_reference);
    Text plain;
    plain.reserve(line.size());
    for (const auto c : line) append_plain(plain, c);
    line = nfc(without_controls(plain));
    if (line == before) break;
  }
  return line;
}

// Line by line; from the first line with a '<' on, entities are kept: it may be HTML on purpose.
Text fix_text(View text) {
  Text result;
  auto html = Html::decode;
  while (!text.empty()) {
    const auto end = text.find(U'\n');
    const auto line = text.substr(0, end == View::npos ? text.size() : end + 1);
    if (line.find(U'<') != View::npos) html = Html::keep;
    result += fix_line(Text(line), html);
    text.remove_prefix(line.size());
  }
  return result;
}

// --- white space and case -----------------------------------------------------------------------

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

struct Range {
  char32_t first;
  char32_t last;
};

template <std::size_t N>
bool is_in(const std::array<Range, N>& ranges, char32_t c) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [c](const Range& r) { return c >= r.first && c <= r.last; });
}

utf8proc_category_t category(char32_t c) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(c));
}

// Unicode's Cased: letters with case, Other_Lowercase and Other_Uppercase.
bool is_cased(char32_t c) {
  constexpr std::array<Range, 29> kOthers{{
      {0xAA, 0xAA},       {0xBA, 0xBA},       {0x2B0, 0x2B8},     {0x2C0, 0x2C1},
      {0x2E0, 0x2E4},     {0x345, 0x345},     {0x37A, 0x37A},     {0x1D2C, 0x1D6A},
      {0x1D78, 0x1D78},   {0x1D9B, 0x1DBF},   {0x2071, 0x2071},   {0x207F, 0x207F},
      {0x2090, 0x209C},   {0x2160, 0x217F},   {0x24B6, 0x24E9},   {0x2C7C, 0x2C7D},
      {0xA69C, 0xA69D},   {0xA770, 0xA770},   {0xA7F8, 0xA7F9},   {0xAB5C, 0xAB5F},
      {0xAB69, 0xAB69},   {0x10780, 0x10780}, {0x10783, 0x10785}, {0x10787, 0x107B0},
      {0x107B2, 0x107BA}, {0x1F130, 0x1F149}, {0x1F150, 0x1F169}, {0x1F170, 0x1F189},
      {0x10FC, 0x10FC},
  }};
  switch (category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
      return true;
    default:
      return is_in(kOthers, c);
  }
}

// Unicode's Case_Ignorable: marks, formats, modifiers, and the punctuation of words.
bool is_case_ignorable(char32_t c) {
  constexpr std::array<Range, 16> kInWords{{
      {0x27, 0x27},
      {0x2E, 0x2E},
      {0x3A, 0x3A},
      {0xB7, 0xB7},
      {0x387, 0x387},
      {0x55F, 0x55F},
      {0x5F4, 0x5F4},
      {0x2018, 0x2019},
      {0x2024, 0x2024},
      {0x2027, 0x2027},
      {0xFE13, 0xFE13},
      {0xFE52, 0xFE52},
      {0xFE55, 0xFE55},
      {0xFF07, 0xFF07},
      {0xFF0E, 0xFF0E},
      {0xFF1A, 0xFF1A},
  }};
  switch (category(c)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK:
      return true;
    default:
      return is_in(kInWords, c);
  }
}

// A capital sigma ends a word where a letter stands before it and none behind it.
bool is_final_sigma(View text, std::size_t at) {
  std::size_t i = at;
  while (i > 0 && is_case_ignorable(text[i - 1])) --i;
  if (i == 0 || !is_cased(text[i - 1])) return false;
  i = at + 1;
  while (i < text.size() && is_case_ignorable(text[i])) ++i;
  return i == text.size() || !is_cased(text[i]);
}

Text lowered(View text) {
  Text result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = text[i];
    if (c == 0x3A3) {
      result += is_final_sigma(text, i) ? 0x3C2 : 0x3C3;
    } else if (c == 0x130) {
      result += U"i\u0307";
    } else {
      result += static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
    }
  }
  return result;
}

}  // namespace

std::string clean_text(std::string_view text) {
  auto result = fix_text(decoded(text));
  for (int i = 0; i < 2; ++i) result = unescaped(result, &html_reference);
  return encoded(lowered(collapsed(result)));
}

std::string unescape_html(std::string_view text) {
  return encoded(unescaped(decoded(text), &html_reference));
}

std::string lower_case(std::string_view text) {
  return encoded(lowered(decoded(text)));
}

}  // namespace latentreel::models
