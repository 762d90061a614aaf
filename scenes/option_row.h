#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "scenes/curve.h"
#include "scenes/document.h"
#include "scenes/enum_names.h"
#include "scenes/file_names.h"
#include "scenes/mistakes.h"
#include "scenes/toml_text.h"
#include "scenes/value_reading.h"

// An option of a scene is one row: its key, the member that holds it, the values allowed, an
// example, a sentence of help. Reading, hints for misspelt keys, the text of a scene, hashes and
// the schema are made from the rows, so an option with a row is known to all of them. Internal to
// the room.

namespace latentreel::scenes {

template <class Owner>
using Change = std::function<void(Owner&)>;

template <class Owner>
struct Integer {
  int Owner::*field;
  std::int64_t min, max;
};

template <class Owner>
struct Number {
  double Owner::*field;
  Range range;
};

// A number that may be left unset.
template <class Owner>
struct OptionalNumber {
  std::optional<double> Owner::*field;
  Range range;
};

template <class Owner>
struct Boolean {
  bool Owner::*field;
};

// A list of two numbers.
template <class Owner>
struct Pair {
  double Owner::*first;
  double Owner::*second;
  Range range;
  bool ordered;       // the first must not be above the second
  bool one_for_both;  // a single number stands for both
};

// One of the words of an enumeration.
template <class Owner>
struct Choice {
  std::vector<std::string_view> (*words)();
  std::string_view (*get)(const Owner&);
  void (*set)(Owner&, std::size_t word);
};

template <class Owner, class Enum>
Owner owner_of(Enum Owner::*);

// The row type of an enumeration's member: choice<&VideoOptions::codec>().
template <auto kField>
constexpr auto choice() {
  using Owner = decltype(owner_of(kField));
  using Enum = std::remove_cvref_t<decltype(std::declval<Owner>().*kField)>;
  return Choice<Owner>{
      .words = [] { return words_of_enum<Enum>(); },
      .get = [](const Owner& owner) { return name_of(owner.*kField); },
      .set = [](Owner& owner,
                std::size_t index) { owner.*kField = EnumNames<Enum>::kNames[index].second; }};
}

// A number that may change over the film. Points and expressions need the tempo and the signals, so
// the section's reader reads it (curve_reading.h).
template <class Owner>
struct Animatable {
  Curve Owner::*field;
  Range range;  // of a constant and of points; what an expression gives is clamped to it
};

// A list of two such numbers.
template <class Owner>
struct AnimatablePair {
  Curve Owner::*first;
  Curve Owner::*second;
  Range range;  // of each
};

// A number that may change over a film where every frame is optimized ([feedback], [source]), and
// that is then what `curve` says.
template <class Owner>
struct ChangingWeight {
  double Owner::*field;
  std::optional<Curve> Owner::*curve;
  Range range;  // as of Animatable
};

// A value of any other form.
template <class Owner>
struct Custom {
  // The value as TOML; empty where it is not set.
  std::string (*text)(const Owner&);
  // The values allowed, as JSON Schema.
  std::string_view schema;
  // Gives the change that the value asks for; for a wrong value adds a mistake and gives none.
  // Null: the value depends on other keys, so the section's reader reads it.
  Change<Owner> (*read)(const Value&, NamedFiles&, Mistakes&) = nullptr;
};

// Whether a scene's text includes an option even where it has its default.
enum class Written { always, when_changed };

template <class Owner>
struct Row {
  std::string_view key;
  std::variant<Integer<Owner>, Number<Owner>, OptionalNumber<Owner>, Pair<Owner>, Boolean<Owner>,
               Choice<Owner>, Animatable<Owner>, AnimatablePair<Owner>, ChangingWeight<Owner>,
               Custom<Owner>>
      type;
  std::string_view example;  // TOML; shown where a value is not what was expected
  std::string_view help;     // one sentence, for a person who writes a scene
  Written written = Written::always;
};

template <class... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <class... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

template <class Owner>
std::vector<std::string_view> keys_of(std::span<const Row<Owner>> rows) {
  std::vector<std::string_view> keys;
  for (const auto& row : rows) keys.push_back(row.key);
  return keys;
}

// The value as TOML; empty where it is not set.
template <class Owner>
std::string text_of(const Row<Owner>& row, const Owner& owner) {
  return std::visit(
      Overloaded{
          [&](const Integer<Owner>& type) { return std::to_string(owner.*type.field); },
          [&](const Number<Owner>& type) { return toml(owner.*type.field); },
          [&](const OptionalNumber<Owner>& type) {
            return owner.*type.field ? toml(*(owner.*type.field)) : std::string();
          },
          [&](const Pair<Owner>& type) {
            return "[" + toml(owner.*type.first) + ", " + toml(owner.*type.second) + "]";
          },
          [&](const Boolean<Owner>& type) { return toml(owner.*type.field); },
          [&](const Choice<Owner>& type) { return toml_text(type.get(owner)); },
          [&](const Animatable<Owner>& type) { return toml(owner.*type.field); },
          [&](const AnimatablePair<Owner>& type) {
            return "[" + toml(owner.*type.first) + ", " + toml(owner.*type.second) + "]";
          },
          [&](const ChangingWeight<Owner>& type) {
            const auto& curve = owner.*type.curve;
            return curve ? toml(*curve) : toml(owner.*type.field);
          },
          [&](const Custom<Owner>& type) { return type.text(owner); },
      },
      row.type);
}

// The change that `value` asks for; for a wrong value adds a mistake and gives none. Not for rows
// that their section reads (is_read_by_section).
template <class Owner>
Change<Owner> read_row(const Row<Owner>& row, const Value& value, NamedFiles& files,
                       Mistakes& mistakes) {
  const Expected expected{.key = row.key, .example = row.example};
  const auto set = [](auto field, const auto& read) -> Change<Owner> {
    if (!read) return {};
    return [field, value = *read](Owner& owner) { owner.*field = value; };
  };
  return std::visit(
      Overloaded{
          [&](const Integer<Owner>& type) -> Change<Owner> {
            const auto read = read_integer(value, expected, type.min, type.max, mistakes);
            if (!read) return {};
            return [field = type.field, number = static_cast<int>(*read)](Owner& owner) {
              owner.*field = number;
            };
          },
          [&](const Number<Owner>& type) {
            return set(type.field, read_number(value, expected, type.range, mistakes));
          },
          [&](const OptionalNumber<Owner>& type) {
            return set(type.field, read_number(value, expected, type.range, mistakes));
          },
          [&](const Pair<Owner>& type) -> Change<Owner> {
            const auto read = read_pair(
                value, expected,
                {.range = type.range, .ordered = type.ordered, .one_for_both = type.one_for_both},
                mistakes);
            if (!read) return {};
            return [type, pair = *read](Owner& owner) {
              owner.*type.first = pair.first;
              owner.*type.second = pair.second;
            };
          },
          [&](const Boolean<Owner>& type) {
            return set(type.field, read_bool(value, {.key = row.key, .example = {}}, mistakes));
          },
          [&](const Choice<Owner>& type) -> Change<Owner> {
            const auto index =
                read_word(value, {.key = row.key, .example = {}}, type.words(), mistakes);
            if (!index) return {};
            return [store = type.set, at = *index](Owner& owner) { store(owner, at); };
          },
          [&](const Animatable<Owner>&) -> Change<Owner> { return {}; },
          [&](const AnimatablePair<Owner>&) -> Change<Owner> { return {}; },
          [&](const ChangingWeight<Owner>&) -> Change<Owner> { return {}; },
          [&](const Custom<Owner>& type) { return type.read(value, files, mistakes); },
      },
      row.type);
}

template <class Owner>
bool is_animatable(const Row<Owner>& row) {
  return std::holds_alternative<Animatable<Owner>>(row.type) ||
         std::holds_alternative<AnimatablePair<Owner>>(row.type);
}

template <class Owner>
bool is_read_by_section(const Row<Owner>& row) {
  if (is_animatable(row) || std::holds_alternative<ChangingWeight<Owner>>(row.type)) return true;
  const auto* special = std::get_if<Custom<Owner>>(&row.type);
  return special != nullptr && special->read == nullptr;
}

// Reads the keys of `table` that have a row into `owner`; returns those with a mistake.
template <class Owner>
std::vector<std::string_view> read_rows(std::span<const Row<Owner>> rows, const Value& table,
                                        Owner& owner, NamedFiles& files, Mistakes& mistakes) {
  std::vector<std::string_view> wrong;
  for (const auto& row : rows) {
    const Entry* entry = table.find(row.key);
    if (entry == nullptr || is_read_by_section(row)) continue;
    if (const auto change = read_row(row, entry->value, files, mistakes)) {
      change(owner);
    } else {
      wrong.push_back(row.key);
    }
  }
  return wrong;
}

}  // namespace latentreel::scenes
