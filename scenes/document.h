#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenes/mistakes.h"

// A TOML text parsed into a plain tree in which every key and value records its position. It keeps
// the TOML library out of the other files and lets overrides be put into the tree. Internal to the
// room.

namespace latentreel::scenes {

struct Entry;

struct Value {
  enum class Kind { text, integer, number, boolean, date, list, table };

  Kind kind = Kind::table;
  Position position;
  std::string text;  // text; date: "00:01:12.5" for a time of day, else empty. From an override:
                     // its text as typed, whatever the kind
  std::int64_t integer = 0;
  double number = 0;
  bool boolean = false;
  std::vector<Value> items;    // list
  std::vector<Entry> entries;  // table

  bool is_table() const { return kind == Kind::table; }
  bool is_list() const { return kind == Kind::list; }
  // The entry with this key; null if there is none (or this is no table).
  const Entry* find(std::string_view key) const;
  Entry* find(std::string_view key);
  void erase(std::string_view key);
};

struct Entry {
  std::string key;
  Position position;  // of the key
  Value value;
};

// What was found, for messages: `the text "12"`, `the number 2.5`, `a list`.
std::string described(const Value& value);

// Parses a text within its limits. Adds a mistake and returns none where it is not TOML.
std::optional<Value> parse_document(std::string_view text, Mistakes& mistakes);

// The value of an override: TOML if it is TOML, else a text. Never fails.
Value parse_override_value(std::string_view text, int override_index);

}  // namespace latentreel::scenes
