#include "scenes/value_reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "scenes/other_names.h"
#include "scenes/section_rows.h"

namespace latentreel::scenes {
namespace {

constexpr std::size_t kMaxPromptBytes = 4000;

std::string range_text(Range range) {
  constexpr double kHuge = std::numeric_limits<double>::max();
  const std::string_view min_word = range.above_min ? "above" : "from";
  if (range.max >= kHuge) return fmt::format("{} {}", min_word, range.min);
  return fmt::format("{} {} to {}", min_word, range.min, range.max);
}

void add_out_of_range(const Value& value, Expected expected, const std::string& shown,
                      const std::string& range, Mistakes& mistakes) {
  mistakes.add(value.position,
               fmt::format("{}: {} is out of range ({})", expected.key, shown, range));
}

// The position of the first control character that is not in `allowed`; npos if there is none.
std::size_t find_control(std::string_view text, std::string_view allowed) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool c1 =
        c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if ((c < 0x20 || c == 0x7F || c1) && allowed.find(text[i]) == std::string_view::npos) return i;
  }
  return std::string_view::npos;
}

std::optional<std::string> read_any_text(const Value& value, Expected expected,
                                         std::string_view allowed_controls, Mistakes& mistakes) {
  const bool from_override = value.position.override_index >= 0;
  const bool scalar = !value.is_list() && !value.is_table();
  if (value.kind != Value::Kind::text && !(from_override && scalar)) {
    add_wrong_type(value, expected, "a string", mistakes);
    return std::nullopt;
  }
  const std::size_t control = find_control(value.text, allowed_controls);
  if (control != std::string_view::npos) {
    const unsigned code = static_cast<unsigned char>(value.text[control]);
    mistakes.add(
        value.position,
        fmt::format("{}: the text contains the control character U+{:04X}", expected.key,
                    code == 0xC2 ? static_cast<unsigned char>(value.text[control + 1]) : code),
        "remove it");
    return std::nullopt;
  }
  return value.text;
}

}  // namespace

void add_wrong_type(const Value& value, Expected expected, std::string_view what,
                    Mistakes& mistakes, std::string hint) {
  const std::string example =
      expected.example.empty() ? std::string() : fmt::format(" such as {}", expected.example);
  mistakes.add(
      value.position,
      fmt::format("{}: expected {}{}, found {}", expected.key, what, example, described(value)),
      std::move(hint));
}

void check_keys(const Value& table, std::string_view name, std::span<const std::string_view> known,
                Mistakes& mistakes) {
  for (const Entry& entry : table.entries) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    std::string hint = belongs_elsewhere(entry.key, name);
    const bool of_scene = name.front() == '[' || name == "the scene";
    if (hint.empty() && of_scene) hint = called_here(entry.key);
    if (hint.empty()) hint = did_you_mean(entry.key, known);
    if (hint.empty() && known.size() <= 12) hint = fmt::format("known keys are {}", listed(known));
    mistakes.add(entry.position,
                 fmt::format("unknown key \"{}\" in {}", printable(entry.key, 40), name), hint);
  }
}

bool has_misspelt(const Value& table, std::string_view key,
                  std::span<const std::string_view> known) {
  return std::any_of(table.entries.begin(), table.entries.end(), [&](const Entry& entry) {
    const bool unknown = std::find(known.begin(), known.end(), entry.key) == known.end();
    return unknown && nearest_word(entry.key, known) == key;
  });
}

std::optional<bool> read_bool(const Value& value, Expected expected, Mistakes& mistakes) {
  if (value.kind == Value::Kind::boolean) return value.boolean;
  add_wrong_type(value, expected, "true or false", mistakes);
  return std::nullopt;
}

std::optional<std::int64_t> read_integer(const Value& value, Expected expected, std::int64_t min,
                                         std::int64_t max, Mistakes& mistakes) {
  if (value.kind != Value::Kind::integer) {
    add_wrong_type(value, expected, "an integer", mistakes);
    return std::nullopt;
  }
  if (value.integer < min || value.integer > max) {
    const std::string range = max == std::numeric_limits<std::int64_t>::max()
                                  ? fmt::format("from {}", min)
                                  : fmt::format("from {} to {}", min, max);
    add_out_of_range(value, expected, fmt::format("{}", value.integer), range, mistakes);
    return std::nullopt;
  }
  return value.integer;
}

std::optional<double> read_number(const Value& value, Expected expected, Range range,
                                  Mistakes& mistakes) {
  double number = 0;
  if (value.kind == Value::Kind::integer) {
    number = static_cast<double>(value.integer);
  } else if (value.kind == Value::Kind::number) {
    number = value.number;
  } else {
    add_wrong_type(value, expected, "a number", mistakes);
    return std::nullopt;
  }
  const bool low = range.above_min ? number <= range.min : number < range.min;
  if (!std::isfinite(number) || low || number > range.max) {
    add_out_of_range(value, expected, fmt::format("{}", number), range_text(range), mistakes);
    return std::nullopt;
  }
  return number;
}

std::optional<std::pair<double, double>> read_pair(const Value& value, Expected expected,
                                                   PairRule rule, Mistakes& mistakes) {
  const bool single = value.kind == Value::Kind::integer || value.kind == Value::Kind::number;
  if (rule.one_for_both && single) {
    const auto number = read_number(value, expected, rule.range, mistakes);
    if (!number) return std::nullopt;
    return std::pair(*number, *number);
  }
  if (!value.is_list() || value.items.size() != 2) {
    add_wrong_type(value, expected, "a list of two numbers", mistakes);
    return std::nullopt;
  }
  const auto first = read_number(value.items[0], expected, rule.range, mistakes);
  const auto second = read_number(value.items[1], expected, rule.range, mistakes);
  if (!first || !second) return std::nullopt;
  if (rule.ordered && *first > *second) {
    mistakes.add(value.position,
                 fmt::format("{}: the first number must not be above the second", expected.key));
    return std::nullopt;
  }
  return std::pair(*first, *second);
}

std::optional<RationalTime> read_exact_number(const Value& value, Expected expected, Range range,
                                              Mistakes& mistakes) {
  range.min = std::max(range.min, -1e9);
  range.max = std::min(range.max, 1e9);
  const auto number = read_number(value, expected, range, mistakes);
  if (!number) return std::nullopt;
  if (value.kind == Value::Kind::integer) return RationalTime(value.integer, 1);
  // Through the shortest text, so that 0.37 is 37/100 and not its binary neighbour.
  const auto exact = parse_decimal(fmt::format("{:.6f}", *number), 6);
  if (!exact || (range.above_min && exact->to_seconds() <= range.min)) {
    add_out_of_range(value, expected, fmt::format("{}", *number), range_text(range), mistakes);
    return std::nullopt;
  }
  return exact;
}

std::optional<std::string> read_text(const Value& value, Expected expected, Mistakes& mistakes) {
  return read_any_text(value, expected, "", mistakes);
}

std::optional<std::string> read_prompt_text(const Value& value, Expected expected,
                                            Mistakes& mistakes) {
  auto text = read_any_text(value, expected, "\n\r\t", mistakes);
  if (!text) return std::nullopt;
  if (text->find_first_not_of(" \n\r\t") == std::string::npos) {
    mistakes.add(value.position, fmt::format("{}: the text is empty", expected.key),
                 "say what the picture shows");
    return std::nullopt;
  }
  if (text->size() > kMaxPromptBytes) {
    mistakes.add(value.position,
                 fmt::format("{}: the text is longer than {} bytes", expected.key, kMaxPromptBytes),
                 "CLIP reads no more than its first few dozen words");
    return std::nullopt;
  }
  return text;
}

std::optional<RationalTime> read_time(const Value& value, Expected expected,
                                      const TimeContext& context, Mistakes& mistakes) {
  if (value.kind == Value::Kind::integer || value.kind == Value::Kind::number) {
    return read_exact_number(value, expected, {.min = 0, .max = 1e9}, mistakes);
  }
  // An unquoted 00:01:12.5 is a time of day to TOML.
  const bool time_of_day = value.kind == Value::Kind::date && !value.text.empty();
  if (value.kind != Value::Kind::text && !time_of_day) {
    add_wrong_type(value, expected, "a time", mistakes);
    return std::nullopt;
  }
  try {
    return parse_time(value.text, context);
  } catch (const SceneError& error) {
    const Diagnostic& reason = error.diagnostics().front();
    mistakes.add(value.position, fmt::format("{}: {}", expected.key, reason.message), reason.hint);
    return std::nullopt;
  }
}

std::optional<std::size_t> read_word(const Value& value, Expected expected,
                                     std::span<const std::string_view> words, Mistakes& mistakes) {
  if (value.kind != Value::Kind::text) {
    const std::string what = fmt::format("one of {}", listed(words));
    add_wrong_type(value, {.key = expected.key, .example = {}}, what, mistakes);
    return std::nullopt;
  }
  const auto found = std::find(words.begin(), words.end(), value.text);
  if (found == words.end()) {
    mistakes.add(value.position,
                 fmt::format("{}: \"{}\" is not one of {}", expected.key, printable(value.text, 40),
                             listed(words)),
                 did_you_mean(value.text, words));
    return std::nullopt;
  }
  return static_cast<std::size_t>(found - words.begin());
}

}  // namespace latentreel::scenes
