#include "models/clip/character_references.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdint>

#include "models/clip/text_cleaning_entities.h"

namespace latentreel::models {
namespace {

int hex_value(char32_t c) {
  if (is_digit(c)) return static_cast<int>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<int>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<int>(c - 'A') + 10;
  return -1;
}

// What HTML 5 reads for the number of a character reference; 0 for nothing at all.
char32_t numbered_character(std::uint32_t number) {
  if (number == 0) return 0xFFFD;
  if (number >= 0x80 && number <= 0x9F) return windows_1252(number);
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

}  // namespace

Text html_unescaped(View text) {
  return unescaped(text, &html_reference);
}

Text ftfy_unescaped(View text) {
  return unescaped(text, &ftfy_reference);
}

}  // namespace latentreel::models
