#include "scenes/augment_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "scenes/enum_names.h"
#include "scenes/value_reading.h"

namespace latentreel::scenes {
namespace {

constexpr std::size_t kMostAugments = 100;

// A key that holds one number of an Augment.
struct NumberKey {
  std::string_view key;
  double Augment::*field;
  Range range;
  std::string_view example;
};

constexpr NumberKey kNumbers[] = {
    {"probability", &Augment::probability, {.min = 0, .max = 1}, "0.7"},
    {"degrees", &Augment::degrees, {.min = 0, .max = 180}, "15"},
    {"shear", &Augment::shear, {.min = 0, .max = 89}, "5"},
    {"scale", &Augment::scale, {.min = 0, .max = 1}, "0.7"},
    {"brightness", &Augment::brightness, {.min = 0, .max = 1}, "0.1"},
    {"contrast", &Augment::contrast, {.min = 0, .max = 1}, "0.1"},
    {"saturation", &Augment::saturation, {.min = 0, .max = 1}, "0.1"},
    {"hue", &Augment::hue, {.min = 0, .max = 0.5}, "0.1"},
    {"amount", &Augment::amount, {.min = 0, .max = 10}, "0.3"},
};

// A key that holds a pair of numbers.
struct PairKey {
  std::string_view key;
  double Augment::*first;
  double Augment::*second;
  Range range;
  bool ordered;     // first <= second
  bool one_serves;  // a single number stands for both
  std::string_view example;
};

constexpr PairKey kPairs[] = {
    {"translate",
     &Augment::translate_x,
     &Augment::translate_y,
     {.min = 0, .max = 1},
     false,
     true,
     "[0.1, 0.1]"},
    {"area",
     &Augment::area_min,
     &Augment::area_max,
     {.min = 0, .max = 1, .above_min = true},
     true,
     false,
     "[0.1, 0.4]"},
    {"ratio",
     &Augment::ratio_min,
     &Augment::ratio_max,
     {.min = 0, .max = 100, .above_min = true},
     true,
     false,
     "[0.3, 3.3]"},
};

void read_pair(const Value& value, const PairKey& key, Augment& augment, Mistakes& mistakes) {
  const Expected expected{.key = key.key, .example = key.example};
  const bool single = value.kind == Value::Kind::integer || value.kind == Value::Kind::number;
  if (key.one_serves && single) {
    if (const auto number = read_number(value, expected, key.range, mistakes)) {
      augment.*key.first = augment.*key.second = *number;
    }
    return;
  }
  if (!value.is_list() || value.items.size() != 2) {
    add_wrong_type(value, expected, "a list of two numbers", mistakes);
    return;
  }
  const auto first = read_number(value.items[0], expected, key.range, mistakes);
  const auto second = read_number(value.items[1], expected, key.range, mistakes);
  if (!first || !second) return;
  if (key.ordered && *first > *second) {
    mistakes.add(value.position,
                 fmt::format("{}: the first number must not be above the second", key.key));
    return;
  }
  augment.*key.first = *first;
  augment.*key.second = *second;
}

std::optional<Augment::Kind> read_kind(const Value& value, Mistakes& mistakes) {
  if (!value.is_table()) return read_enum<Augment::Kind>(value, "augment", mistakes);
  if (const Entry* name = value.find("name")) {
    return read_enum<Augment::Kind>(name->value, "name", mistakes);
  }
  mistakes.add(value.position, "augment: a step without a name",
               fmt::format("known are {}", listed(words_of_enum<Augment::Kind>())));
  return std::nullopt;
}

std::optional<Augment> read_augment(const Value& value, Mistakes& mistakes) {
  if (!value.is_table() && value.kind != Value::Kind::text) {
    add_wrong_type(value, {.key = "augment", .example = "{ name = \"flip\", probability = 0.5 }"},
                   "a table", mistakes);
    return std::nullopt;
  }
  const auto kind = read_kind(value, mistakes);
  if (!kind) return std::nullopt;
  Augment augment{.kind = *kind};
  auto known = augment_keys(*kind);
  known.insert(known.begin(), "name");
  const std::string table_name = fmt::format("the augment step \"{}\"", name_of(*kind));
  check_keys(value, table_name, known, mistakes);
  for (const Entry& entry : value.entries) {
    if (std::find(known.begin(), known.end(), entry.key) == known.end()) continue;
    for (const NumberKey& key : kNumbers) {
      if (key.key != entry.key) continue;
      const Expected expected{.key = key.key, .example = key.example};
      const auto number = read_number(entry.value, expected, key.range, mistakes);
      if (number) augment.*key.field = *number;
    }
    for (const PairKey& key : kPairs) {
      if (key.key == entry.key) read_pair(entry.value, key, augment, mistakes);
    }
    if (entry.key == "border") {
      if (const auto border = read_enum<Border>(entry.value, "border", mistakes)) {
        augment.border = *border;
      }
    }
    if (entry.key == "nearest") {
      const auto nearest = read_bool(entry.value, {.key = "nearest", .example = {}}, mistakes);
      if (nearest) augment.nearest = *nearest;
    }
  }
  return augment;
}

}  // namespace

std::vector<std::string_view> augment_keys(Augment::Kind kind) {
  switch (kind) {
    case Augment::Kind::flip:
      return {"probability"};
    case Augment::Kind::affine:
      return {"probability", "degrees", "translate", "shear", "border", "nearest"};
    case Augment::Kind::perspective:
      return {"probability", "scale"};
    case Augment::Kind::jitter:
      return {"probability", "brightness", "contrast", "saturation", "hue"};
    case Augment::Kind::erase:
      return {"probability", "area", "ratio"};
    case Augment::Kind::sharpness:
      return {"probability", "amount"};
    case Augment::Kind::rotate:
      return {"probability", "degrees"};
  }
  return {};
}

std::optional<std::vector<Augment>> read_augments(const Value& value, Mistakes& mistakes) {
  if (!value.is_list()) {
    add_wrong_type(value, {.key = "augment", .example = "[{ name = \"flip\", probability = 0.5 }]"},
                   "a list of tables", mistakes);
    return std::nullopt;
  }
  if (value.items.size() > kMostAugments) {
    mistakes.add(value.position, fmt::format("augment: more than {} steps", kMostAugments));
    return std::nullopt;
  }
  std::vector<Augment> augments;
  for (const Value& item : value.items) {
    if (const auto augment = read_augment(item, mistakes)) augments.push_back(*augment);
  }
  return augments;
}

std::string augment_text(const Augment& augment) {
  const Augment defaults;
  std::string text = fmt::format("{{ name = \"{}\"", name_of(augment.kind));
  for (const std::string_view known : augment_keys(augment.kind)) {
    for (const NumberKey& key : kNumbers) {
      if (key.key != known || augment.*key.field == defaults.*key.field) continue;
      text += fmt::format(", {} = {}", known, augment.*key.field);
    }
    for (const PairKey& key : kPairs) {
      const bool same =
          augment.*key.first == defaults.*key.first && augment.*key.second == defaults.*key.second;
      if (key.key != known || same) continue;
      text += fmt::format(", {} = [{}, {}]", known, augment.*key.first, augment.*key.second);
    }
    if (known == "border" && augment.border != defaults.border) {
      text += fmt::format(", border = \"{}\"", name_of(augment.border));
    }
    if (known == "nearest" && augment.nearest) text += ", nearest = true";
  }
  return text + " }";
}

}  // namespace latentreel::scenes
