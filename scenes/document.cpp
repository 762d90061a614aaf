#include "scenes/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scenes/toml_limits.h"

// toml++ 3.3.0 asserts (and, optimized by clang, takes for granted) some things that a wrong text
// can break: "[#x]". Without these assertions the checks behind them say what is wrong.
#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(expr) static_assert(true)
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")

namespace latentreel::scenes {
namespace {

Position position_of(const toml::source_region& region) {
  return {.line = static_cast<int>(region.begin.line),
          .column = static_cast<int>(region.begin.column)};
}

std::string time_of_day_text(const toml::time& time) {
  return fmt::format("{:02}:{:02}:{:02}.{:09}", time.hour, time.minute, time.second,
                     time.nanosecond);
}

Value converted(const toml::node& node) {
  Value value;
  value.position = position_of(node.source());
  switch (node.type()) {
    case toml::node_type::string:
      value.kind = Value::Kind::text;
      value.text = node.as_string()->get();
      break;
    case toml::node_type::integer:
      value.kind = Value::Kind::integer;
      value.integer = node.as_integer()->get();
      break;
    case toml::node_type::floating_point:
      value.kind = Value::Kind::number;
      value.number = node.as_floating_point()->get();
      break;
    case toml::node_type::boolean:
      value.kind = Value::Kind::boolean;
      value.boolean = node.as_boolean()->get();
      break;
    case toml::node_type::array:
      value.kind = Value::Kind::list;
      for (const toml::node& item : *node.as_array()) value.items.push_back(converted(item));
      break;
    case toml::node_type::table:
      value.kind = Value::Kind::table;
      for (const auto& [key, item] : *node.as_table()) {
        value.entries.push_back(
            {std::string(key.str()), position_of(key.source()), converted(item)});
      }
      break;
    default:
      value.kind = Value::Kind::date;
      if (const auto* time = node.as_time()) value.text = time_of_day_text(time->get());
      break;
  }
  return value;
}

// "Error while parsing key-value pair: expected ..." reads "not valid TOML in a key-value pair:
// ...".
std::string syntax_message(std::string_view description) {
  constexpr std::string_view kLead = "Error while parsing ";
  if (description.substr(0, kLead.size()) == kLead) {
    description.remove_prefix(kLead.size());
    const auto colon = description.find(": ");
    if (colon != std::string_view::npos) {
      return fmt::format("not valid TOML ({}): {}", description.substr(0, colon),
                         description.substr(colon + 2));
    }
  }
  return fmt::format("not valid TOML: {}", description);
}

// What most likely went wrong, where the parser's own words do not say it.
std::string syntax_hint(std::string_view description) {
  const auto says = [&](std::string_view words) {
    return description.find(words) != std::string_view::npos;
  };
  const bool unfinished = says("parsing string: encountered end-of-file") ||
                          says("parsing literal string: encountered end-of-file");
  if (unfinished || says("unescaped control characters")) return "is the closing quote missing?";
  if (says("could not determine value type") || says("parsing boolean")) {
    return "strings need quotes, as in \"h264\"";
  }
  if (says("parsing inline table") && says("saw '\\n'")) {
    return "a table in braces must be on one line";
  }
  if (says("not representable in 64 bits")) {
    return "a seed beyond 9223372036854775807 is written between quotes";
  }
  if (says("integer: expected digit")) return "times, sizes and fractions need quotes";
  return {};
}

void place_everywhere(Value& value, Position where) {
  value.position = where;
  for (Value& item : value.items) place_everywhere(item, where);
  for (Entry& entry : value.entries) {
    entry.position = where;
    place_everywhere(entry.value, where);
  }
}

}  // namespace

const Entry* Value::find(std::string_view key) const {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

Entry* Value::find(std::string_view key) {
  return const_cast<Entry*>(static_cast<const Value*>(this)->find(key));
}

void Value::erase(std::string_view key) {
  std::erase_if(entries, [&](const Entry& entry) { return entry.key == key; });
}

std::string described(const Value& value) {
  switch (value.kind) {
    case Value::Kind::text:
      return fmt::format("the string \"{}\"", printable(value.text, 40));
    case Value::Kind::integer:
      return fmt::format("the integer {}", value.integer);
    case Value::Kind::number:
      return fmt::format("the number {}", value.number);
    case Value::Kind::boolean:
      return value.boolean ? "true" : "false";
    case Value::Kind::date:
      return "a date or time of day";
    case Value::Kind::list:
      return "a list";
    case Value::Kind::table:
      return "a table";
  }
  return {};
}

std::optional<Value> parse_document(std::string_view text, Mistakes& mistakes) {
  if (!within_toml_limits(text, mistakes)) return std::nullopt;
  try {
    return converted(toml::parse(text));
  } catch (const toml::parse_error& error) {
    mistakes.add(position_of(error.source()), syntax_message(error.description()),
                 syntax_hint(error.description()));
    return std::nullopt;
  }
}

Value parse_override_value(std::string_view text, int override_index) {
  const Position where{.override_index = override_index};
  Value value;
  value.kind = Value::Kind::text;
  value.text = text;
  Mistakes unheard({}, {}, {});
  // The value must be all there is: no second line may smuggle in another key.
  const std::string document = fmt::format("value = {}", text);
  if (text.find_first_of("\r\n") == std::string_view::npos) {
    if (auto parsed = parse_document(document, unheard); parsed && parsed->entries.size() == 1) {
      value = std::move(parsed->entries.front().value);
    }
  }
  if (value.kind != Value::Kind::text) value.text = text;
  if (value.kind == Value::Kind::date) value.kind = Value::Kind::text;
  place_everywhere(value, where);
  return value;
}

}  // namespace latentreel::scenes
