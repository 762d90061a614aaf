#include "scenes/augment_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "scenes/enum_names.h"
#include "scenes/value_reading.h"

namespace latentreel::scenes {
namespace {

constexpr std::size_t kMostAugments = 100;
constexpr Range kOne{.min = 0, .max = 1};
constexpr Range kPartOfPicture{.min = 0, .max = 1, .above_min = true};

// clang-format off
constexpr Row<Augment> kAugmentRows[] = {
    {"probability", Number<Augment>{&Augment::probability, kOne}, "0.7",
     "How likely it is that a cutout is changed; with erase, all of them at once."},
    {"degrees", Number<Augment>{&Augment::degrees, {.min = 0, .max = 180}}, "15",
     "The largest angle, in either direction."},
    {"translate", Pair<Augment>{&Augment::translate_x, &Augment::translate_y, kOne, false, true}, "[0.1, 0.1]",
     "The farthest shift, as fractions of the width and height."},
    {"shear", Number<Augment>{&Augment::shear, {.min = 0, .max = 89}}, "5",
     "The largest angle of shear, in degrees, in either direction."},
    {"border", choice<&Augment::border>(), "\"border\"",
     "What lies outside the picture."},
    {"nearest", Boolean<Augment>{&Augment::nearest}, "true",
     "Whether to sample the nearest pixel instead of blending four."},
    {"scale", Number<Augment>{&Augment::scale, kOne}, "0.7",
     "How far the corners move inwards at most, as a fraction of half the side."},
    {"brightness", Number<Augment>{&Augment::brightness, kOne}, "0.1",
     "The factor is drawn between 1 minus this and 1 plus this."},
    {"contrast", Number<Augment>{&Augment::contrast, kOne}, "0.1",
     "The factor is drawn between 1 minus this and 1 plus this."},
    {"saturation", Number<Augment>{&Augment::saturation, kOne}, "0.1",
     "The factor is drawn between 1 minus this and 1 plus this."},
    {"hue", Number<Augment>{&Augment::hue, {.min = 0, .max = 0.5}}, "0.1",
     "The largest turn of the colour circle, as a fraction of it, in either direction."},
    {"area", Pair<Augment>{&Augment::area_min, &Augment::area_max, kPartOfPicture, true, false}, "[0.1, 0.4]",
     "The smallest and largest rectangle, as fractions of the picture."},
    {"ratio", Pair<Augment>{&Augment::ratio_min, &Augment::ratio_max, {.min = 0, .max = 100, .above_min = true}, true, false}, "[0.3, 3.3]",
     "The smallest and largest ratio of the rectangle's height to its width."},
    {"amount", Number<Augment>{&Augment::amount, {.min = 0, .max = 10}}, "0.3",
     "The factor is drawn between 0 and this."},
};
// clang-format on

const Row<Augment>& row_of(std::string_view key) {
  return *std::find_if(std::begin(kAugmentRows), std::end(kAugmentRows),
                       [&](const auto& row) { return row.key == key; });
}

std::optional<Augment::Kind> read_kind(const Value& value, Mistakes& mistakes) {
  if (!value.is_table()) return read_enum<Augment::Kind>(value, "augment", mistakes);
  if (const Entry* name = value.find("name")) {
    return read_enum<Augment::Kind>(name->value, "name", mistakes);
  }
  mistakes.add(value.position, "augment: a step without a name",
               fmt::format("known steps are {}", listed(words_of_enum<Augment::Kind>())));
  return std::nullopt;
}

std::optional<Augment> read_augment(const Value& value, NamedFiles& files, Mistakes& mistakes) {
  if (!value.is_table() && value.kind != Value::Kind::text) {
    add_wrong_type(value, {.key = "augment", .example = "{ name = \"flip\", probability = 0.5 }"},
                   "a table", mistakes);
    return std::nullopt;
  }
  const auto kind = read_kind(value, mistakes);
  if (!kind) return std::nullopt;
  auto known = augment_keys(*kind);
  known.insert(known.begin(), "name");
  check_keys(value, fmt::format("the augment step \"{}\"", name_of(*kind)), known, mistakes);
  Augment augment{.kind = *kind};
  for (const auto* row : augment_rows(*kind)) {
    const Entry* entry = value.find(row->key);
    if (entry == nullptr) continue;
    if (const auto change = read_row(*row, entry->value, files, mistakes)) change(augment);
  }
  return augment;
}

}  // namespace

std::span<const Row<Augment>> augment_rows() {
  return kAugmentRows;
}

std::vector<const Row<Augment>*> augment_rows(Augment::Kind kind) {
  std::vector<const Row<Augment>*> rows;
  for (const std::string_view key : augment_keys(kind)) rows.push_back(&row_of(key));
  return rows;
}

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

std::optional<std::vector<Augment>> read_augments(const Value& value, NamedFiles& files,
                                                  Mistakes& mistakes) {
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
    if (const auto augment = read_augment(item, files, mistakes)) augments.push_back(*augment);
  }
  return augments;
}

std::string augment_text(const Augment& augment) {
  const Augment defaults;
  std::string text = fmt::format("{{ name = \"{}\"", name_of(augment.kind));
  for (const auto* row : augment_rows(augment.kind)) {
    const std::string value = text_of(*row, augment);
    if (value != text_of(*row, defaults)) text += fmt::format(", {} = {}", row->key, value);
  }
  return text + " }";
}

}  // namespace latentreel::scenes
