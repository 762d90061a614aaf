#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenes/document.h"
#include "scenes/enum_names.h"
#include "scenes/mistakes.h"
#include "scenes/time_text.h"

// Turns values of the tree into what a key expects, or says what was found and what would be right.
// Every function adds its mistake and returns none; reading goes on. Internal to the room.

namespace latentreel::scenes {

// What a key is called in messages and an example of a right value.
struct Expected {
  std::string_view key;
  std::string_view example;
};

struct Range {
  double min = -std::numeric_limits<double>::max();
  double max = std::numeric_limits<double>::max();
  bool above_min = false;  // min itself is excluded
};

// Adds `KEY: expected WHAT such as EXAMPLE, found ...`.
void add_wrong_type(const Value& value, Expected expected, std::string_view what, Mistakes&,
                    std::string hint = {});

// Complains about every key of `table` that is not among `known`; `name` is the table's, as in
// "[video]".
void check_keys(const Value& table, std::string_view name, std::span<const std::string_view> known,
                Mistakes& mistakes);

// Whether `table` has an unknown key that was probably meant to be `key`: then check_keys reports
// that key, and `key` need not be reported as missing too.
bool has_misspelt(const Value& table, std::string_view key,
                  std::span<const std::string_view> known);

std::optional<bool> read_bool(const Value& value, Expected expected, Mistakes& mistakes);
std::optional<std::int64_t> read_integer(const Value& value, Expected expected, std::int64_t min,
                                         std::int64_t max, Mistakes& mistakes);
// An integer or a finite number.
std::optional<double> read_number(const Value& value, Expected expected, Range range,
                                  Mistakes& mistakes);
// A list of two numbers.
struct PairRule {
  Range range;        // of each
  bool ordered;       // the first must not be above the second
  bool one_for_both;  // a single number stands for both
};
std::optional<std::pair<double, double>> read_pair(const Value& value, Expected expected,
                                                   PairRule rule, Mistakes& mistakes);
// A number as it was written: 0.37 is 37/100, rounded to millionths.
std::optional<RationalTime> read_exact_number(const Value& value, Expected expected, Range range,
                                              Mistakes& mistakes);
// A text without control characters. From an override, a value that looks like a number, a date or
// the like is taken as a text too.
std::optional<std::string> read_text(const Value& value, Expected expected, Mistakes& mistakes);
// A text for CLIP: not empty, at most 4000 bytes, line breaks and tabs allowed.
std::optional<std::string> read_prompt_text(const Value& value, Expected expected,
                                            Mistakes& mistakes);
// A number of seconds or a time text.
std::optional<RationalTime> read_time(const Value& value, Expected expected,
                                      const TimeContext& context, Mistakes& mistakes);

// One of `words`; its index.
std::optional<std::size_t> read_word(const Value& value, Expected expected,
                                     std::span<const std::string_view> words, Mistakes& mistakes);

template <class Enum>
std::vector<std::string_view> words_of_enum() {
  std::vector<std::string_view> words;
  for (const auto& [word, value] : EnumNames<Enum>::kNames) words.push_back(word);
  return words;
}

template <class Enum>
std::optional<Enum> read_enum(const Value& value, std::string_view key, Mistakes& mistakes) {
  const auto words = words_of_enum<Enum>();
  const auto index = read_word(value, {.key = key, .example = {}}, words, mistakes);
  if (!index) return std::nullopt;
  return EnumNames<Enum>::kNames[*index].second;
}

}  // namespace latentreel::scenes
