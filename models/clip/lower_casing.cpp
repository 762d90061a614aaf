#include "models/clip/lower_casing.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>

namespace latentreel::models {
namespace {

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

}  // namespace

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

}  // namespace latentreel::models
