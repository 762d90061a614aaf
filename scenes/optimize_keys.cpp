#include "scenes/optimize_keys.h"

#include <fmt/format.h>

#include <array>
#include <limits>

#include "scenes/augment_keys.h"
#include "scenes/recipes.h"
#include "scenes/value_reading.h"

namespace latentreel::scenes {
namespace {

constexpr std::size_t kMostPrompts = 100;
// All texts of one list: [optimize]'s are copied to each of up to 10,000 keyframes.
constexpr std::size_t kMostBytes = 8000;
constexpr std::int64_t kMostSteps = 1'000'000;
constexpr std::int64_t kMostHalvings = 6;
constexpr std::int64_t kMostRestarts = 1000;
constexpr Range kWeights{.min = 0, .max = 1000};

using Changes = std::vector<std::function<void(OptimizeOptions&)>>;

// Reads the values of one table; every method ends in a change or a mistake.
class Reader {
 public:
  Reader(const Value& table, NamedFiles& files, Mistakes& mistakes, Changes& changes)
      : table_(table), files_(files), mistakes_(mistakes), changes_(changes) {}

  template <class Field>
  void number(std::string_view key, Field field, std::string_view example, Range range) {
    if (const Value* value = find(key)) {
      set(field, read_number(*value, {.key = key, .example = example}, range, mistakes_));
    }
  }

  void integer(std::string_view key, int OptimizeOptions::*field, std::string_view example,
               std::int64_t min, std::int64_t max) {
    const Value* value = find(key);
    if (value == nullptr) return;
    const auto read = read_integer(*value, {.key = key, .example = example}, min, max, mistakes_);
    if (read) changes_.emplace_back([=](auto& o) { o.*field = static_cast<int>(*read); });
  }

  void boolean(std::string_view key, bool OptimizeOptions::*field) {
    if (const Value* value = find(key)) {
      set(field, read_bool(*value, {.key = key, .example = {}}, mistakes_));
    }
  }

  template <class Enum>
  void word(std::string_view key, Enum OptimizeOptions::*field) {
    if (const Value* value = find(key)) set(field, read_enum<Enum>(*value, key, mistakes_));
  }

  void seed() {
    const Value* value = find("seed");
    if (value == nullptr) return;
    const auto read = read_integer(*value, {.key = "seed", .example = "7"}, 0,
                                   std::numeric_limits<std::int64_t>::max(), mistakes_);
    if (read) changes_.emplace_back([=](auto& o) { o.seed = static_cast<std::uint64_t>(*read); });
  }

  // A text or a list of texts; the empty text is the empty list.
  void extra() {
    const Value* value = find("extra");
    if (value == nullptr) return;
    const Expected expected{.key = "extra", .example = "\"watercolor\""};
    std::vector<std::string> texts;
    const auto add = [&](const Value& item) {
      if (auto text = read_prompt_text(item, expected, mistakes_)) texts.push_back(*text);
    };
    if (value->is_list() && value->items.size() > kMostPrompts) return too_many(*value, "extra");
    if (value->is_list()) {
      for (const Value& item : value->items) add(item);
    } else if (!is_empty_text(*value)) {
      add(*value);
    }
    std::size_t bytes = 0;
    for (const std::string& text : texts) bytes += text.size();
    if (bytes > kMostBytes) return too_long(*value, "extra");
    changes_.emplace_back([=](auto& o) { o.extra = texts; });
  }

  void exclude() {
    const Value* value = find("exclude");
    if (value == nullptr) return;
    std::vector<Prompt> prompts;
    if (value->is_list()) {
      prompts = read_prompts(*value, "exclude", files_, mistakes_);
    } else if (!is_empty_text(*value)) {
      if (auto prompt = read_prompt(*value, "exclude", files_, mistakes_)) {
        prompts.push_back(*prompt);
      }
    }
    std::size_t bytes = 0;
    for (const Prompt& prompt : prompts) bytes += prompt.text.size();
    if (bytes > kMostBytes) return too_long(*value, "exclude");
    changes_.emplace_back([=](auto& o) { o.exclude = prompts; });
  }

  void augment() {
    if (const Value* value = find("augment")) {
      set(&OptimizeOptions::augment, read_augments(*value, mistakes_));
    }
  }

  // One of the words, or the name of a picture: that has an extension or a folder.
  void start() {
    const Value* value = find("start");
    if (value == nullptr) return;
    const bool file = value->kind == Value::Kind::text && !value_of<StartKind>(value->text) &&
                      value->text.find_first_of("./") != std::string::npos;
    if (!file) {
      const auto words = words_of_enum<StartKind>();
      if (value->kind == Value::Kind::text && !value_of<StartKind>(value->text)) {
        std::string hint = did_you_mean(value->text, words);
        if (hint.empty()) hint = "a picture is named with its extension, as in \"moon.png\"";
        mistakes_.add(value->position,
                      fmt::format("start: \"{}\" is none of {}, and no image file",
                                  printable(value->text, 40), listed(words)),
                      hint);
        return;
      }
      if (const auto kind = read_enum<StartKind>(*value, "start", mistakes_)) {
        changes_.emplace_back([=](auto& o) {
          o.start = *kind;
          o.start_image.clear();
        });
      }
      return;
    }
    if (const auto path = files_.read(*value, "start", "picture", mistakes_)) {
      changes_.emplace_back([=](auto& o) {
        o.start = StartKind::image;
        o.start_image = *path;
      });
    }
  }

 private:
  const Value* find(std::string_view key) const {
    const Entry* entry = table_.find(key);
    return entry == nullptr ? nullptr : &entry->value;
  }

  template <class Field, class T>
  void set(Field field, const std::optional<T>& read) {
    if (read) changes_.emplace_back([field, value = *read](auto& o) { o.*field = value; });
  }

  static bool is_empty_text(const Value& value) {
    return value.kind == Value::Kind::text && value.text.empty();
  }

  void too_many(const Value& value, std::string_view key) {
    mistakes_.add(value.position, fmt::format("{}: more than {} texts", key, kMostPrompts));
  }

  void too_long(const Value& value, std::string_view key) {
    mistakes_.add(value.position,
                  fmt::format("{}: more than {} bytes of text in all", key, kMostBytes));
  }

  const Value& table_;
  NamedFiles& files_;
  Mistakes& mistakes_;
  Changes& changes_;
};

}  // namespace

std::optional<Prompt> read_prompt(const Value& value, std::string_view key, NamedFiles& files,
                                  Mistakes& mistakes) {
  if (!value.is_table()) {
    if (value.is_list()) {
      add_wrong_type(value, {.key = key, .example = "\"a red apple\""}, "a text", mistakes);
      return std::nullopt;
    }
    auto text = read_prompt_text(value, {.key = key, .example = "\"a red apple\""}, mistakes);
    if (!text) return std::nullopt;
    return Prompt{.text = *text};
  }
  using namespace std::string_view_literals;
  constexpr std::array kKeys = {"text"sv, "image"sv, "weight"sv, "stop"sv};
  check_keys(value, fmt::format("a table of {}", key), kKeys, mistakes);
  Prompt prompt;
  const Entry* text = value.find("text");
  const Entry* image = value.find("image");
  bool good = true;
  if ((text == nullptr) == (image == nullptr)) {
    mistakes.add(value.position, fmt::format("{}: a table needs either text or image", key),
                 "write { text = \"a red apple\", weight = 1.0 }");
    good = false;
  } else if (text != nullptr) {
    const auto read =
        read_prompt_text(text->value, {.key = "text", .example = "\"a red apple\""}, mistakes);
    good = read.has_value();
    if (read) prompt.text = *read;
  } else {
    prompt.kind = Prompt::Kind::image;
    const auto path = files.read(image->value, "image", "picture", mistakes);
    good = path.has_value();
    if (path) prompt.image = *path;
  }
  if (const Entry* weight = value.find("weight")) {
    const auto read = read_number(weight->value, {.key = "weight", .example = "1.0"},
                                  {.min = -1000, .max = 1000}, mistakes);
    good = good && read;
    if (read) prompt.weight = *read;
  }
  if (const Entry* stop = value.find("stop")) {
    const auto read = read_number(stop->value, {.key = "stop", .example = "0.2"},
                                  {.min = -1000, .max = 1000}, mistakes);
    good = good && read;
    if (read) prompt.stop = *read;
  }
  if (!good) return std::nullopt;
  return prompt;
}

std::vector<Prompt> read_prompts(const Value& value, std::string_view key, NamedFiles& files,
                                 Mistakes& mistakes) {
  std::vector<Prompt> prompts;
  if (value.items.size() > kMostPrompts) {
    mistakes.add(value.position, fmt::format("{}: more than {} prompts", key, kMostPrompts));
    return prompts;
  }
  for (const Value& item : value.items) {
    if (auto prompt = read_prompt(item, key, files, mistakes)) prompts.push_back(*prompt);
  }
  return prompts;
}

OptimizeChanges read_optimize(const Value& table, NamedFiles& files, Mistakes& mistakes) {
  OptimizeChanges result;
  if (const Entry* recipe = table.find("recipe")) {
    const auto index =
        read_word(recipe->value, {.key = "recipe", .example = {}}, recipe_names(), mistakes);
    if (index) result.recipe = recipe_names()[*index];
  }
  using O = OptimizeOptions;
  constexpr Range kPart{.min = 0, .max = 1, .above_min = true};
  Reader read(table, files, mistakes, result.changes);
  read.integer("iterations", &O::iterations, "200", 1, kMostSteps);
  read.extra();
  read.exclude();
  read.seed();
  read.start();
  read.number("start_weight", &O::start_weight, "0.2", {.min = 0, .max = 1e6});
  read.number("match_weight", &O::match_weight, "2.0", {.min = 0, .max = 1e6});
  read.integer("coarse", &O::coarse, "2", 0, kMostHalvings);
  read.integer("coarse_iterations", &O::coarse_iterations, "50", 1, kMostSteps);
  read.integer("restarts", &O::restarts, "4", 1, kMostRestarts);
  read.boolean("collage", &O::collage);
  read.number("contrast", &O::contrast, "1.0", {.min = 0, .max = 1000});
  read.number("smooth", &O::smooth, "0.7", {.min = 0, .max = 16});
  read.number("mask", &O::mask, "0.4", kPart);
  read.number("cycle", &O::cycle, "0.5", {.min = 0, .max = 1});
  read.integer("cycle_every", &O::cycle_every, "5", 1, kMostSteps);
  read.boolean("quantize", &O::quantize);
  read.word("image_clamp", &O::image_clamp);
  read.word("cutter", &O::cutter);
  read.integer("cutouts", &O::cutouts, "32", 1, 4096);
  read.number("cut_power", &O::cut_power, "1.0", {.min = 0, .max = 100});
  read.number("cut_min", &O::cut_min, "0.6", kPart);
  read.number("cut_max", &O::cut_max, "1.0", kPart);
  read.augment();
  read.number("noise", &O::noise, "0.1", {.min = 0, .max = 10});
  read.word("loss", &O::loss);
  read.number("include_weight", &O::include_weight, "1.0", kWeights);
  read.number("exclude_weight", &O::exclude_weight, "0.5", kWeights);
  read.number("extra_weight", &O::extra_weight, "1.0", kWeights);
  read.word("optimizer", &O::optimizer);
  read.number("learning_rate", &O::learning_rate, "0.1", {.min = 0, .max = 100, .above_min = true});
  read.number("learning_rate_end", &O::learning_rate_end, "0.1", {.min = 0, .max = 1});
  read.number("weight_decay", &O::weight_decay, "0.1", {.min = 0, .max = 10});
  read.boolean("clamp", &O::clamp);
  read.word("keep", &O::keep);
  read.number("average", &O::average, "0.8", {.min = 0, .max = 0.999});
  read.integer("patience", &O::patience, "50", 0, kMostSteps);
  read.word("precision", &O::precision);
  return result;
}

}  // namespace latentreel::scenes
