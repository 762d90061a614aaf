#include "scenes/optimize_rows.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>
#include <system_error>

#include "scenes/augment_rows.h"
#include "scenes/curve_reading.h"
#include "scenes/prompt_reading.h"
#include "scenes/recipes.h"
#include "scenes/value_reading.h"

namespace latentreel::scenes {
namespace {

using Options = OptimizeOptions;

// All texts of one list: [optimize]'s are copied to each of up to 10,000 keyframes.
constexpr std::size_t kMostBytes = 8000;
constexpr std::int64_t kMostSteps = 1'000'000;
constexpr Range kPartOfSide{.min = 0, .max = 1, .above_min = true};
constexpr Range kWeights{.min = 0, .max = 1000};

bool is_empty_text(const Value& value) {
  return value.kind == Value::Kind::text && value.text.empty();
}

void add_too_long(const Value& value, std::string_view key, Mistakes& mistakes) {
  mistakes.add(value.position,
               fmt::format("{}: more than {} bytes of text in all", key, kMostBytes));
}

// A text or a list of texts; the empty text is the empty list.
Change<Options> read_extra(const Value& value, NamedFiles&, Mistakes& mistakes) {
  if (value.is_list() && value.items.size() > kMostPrompts) {
    mistakes.add(value.position, fmt::format("extra: more than {} texts", kMostPrompts));
    return {};
  }
  const Expected expected{.key = "extra", .example = "\"watercolor\""};
  std::vector<std::string> texts;
  Lines lines;
  std::size_t bytes = 0;
  const auto add = [&](const Value& item) {
    if (const auto text = read_prompt_text(item, expected, mistakes)) {
      note_foreign(item, "extra", mistakes);
      texts.push_back(*text);
      lines.numbers.push_back(item.position.line);
      bytes += text->size();
    }
  };
  if (value.is_list()) {
    for (const Value& item : value.items) add(item);
  } else if (!is_empty_text(value)) {
    add(value);
  }
  if (bytes > kMostBytes) {
    add_too_long(value, "extra", mistakes);
    return {};
  }
  return [texts, lines](Options& options) {
    options.extra = texts;
    options.extra_lines = lines;
  };
}

// A prompt or a list of them; the empty text is the empty list.
Change<Options> read_exclude(const Value& value, const CurveContext& curves, NamedFiles& files,
                             Mistakes& mistakes) {
  std::vector<Prompt> prompts;
  if (value.is_list()) {
    prompts = read_prompts(value, "exclude", curves, files, mistakes);
  } else if (!is_empty_text(value)) {
    if (const auto prompt = read_prompt(value, "exclude", curves, files, mistakes)) {
      prompts.push_back(*prompt);
    }
  }
  std::size_t bytes = 0;
  for (const Prompt& prompt : prompts) bytes += prompt.text.size();
  if (bytes > kMostBytes) {
    add_too_long(value, "exclude", mistakes);
    return {};
  }
  return [prompts](Options& options) { options.exclude = prompts; };
}

Change<Options> read_changing(const Row<Options>& row, const ChangingWeight<Options>& type,
                              const Value& value, const CurveContext& curves, Mistakes& mistakes) {
  auto weight =
      read_weight(value, {.key = row.key, .example = row.example}, type.range, curves, mistakes);
  if (!weight) return {};
  return [type, found = *std::move(weight)](Options& options) {
    put_weight(found, options.*type.field, options.*type.curve);
  };
}

constexpr std::uint64_t kMostOfToml = std::numeric_limits<std::int64_t>::max();

// Beyond TOML's integers a seed is written as a string.
std::string seed_text(const Options& options) {
  auto number = fmt::format("{}", options.seed);
  return options.seed > kMostOfToml ? toml_text(number) : number;
}

Change<Options> read_seed(const Value& value, NamedFiles&, Mistakes& mistakes) {
  if (value.kind == Value::Kind::integer && value.integer < 0) {
    mistakes.add(value.position, fmt::format("seed: {} is out of range (from 0)", value.integer),
                 "a scene gives the same film each time; the command's --seed -1 draws a seed");
    return {};
  }
  std::uint64_t seed = static_cast<std::uint64_t>(value.integer);
  if (value.kind == Value::Kind::text) {
    const char* end = value.text.data() + value.text.size();
    const auto result = std::from_chars(value.text.data(), end, seed);
    const bool digits = !value.text.empty() && result.ptr == end;
    if (digits && result.ec == std::errc::result_out_of_range) {
      mistakes.add(value.position,
                   fmt::format("seed: {} is out of range (from 0 to {})", printable(value.text, 40),
                               std::numeric_limits<std::uint64_t>::max()));
      return {};
    }
    if (digits && result.ec == std::errc()) {
      return [seed](Options& options) { options.seed = seed; };
    }
  }
  if (value.kind != Value::Kind::integer) {
    add_wrong_type(value, {.key = "seed", .example = "7"}, "an integer", mistakes);
    return {};
  }
  return [seed](Options& options) { options.seed = seed; };
}

Change<Options> start_at(const Still& still) {
  return [still](Options& options) {
    options.start = StartKind::image;
    options.start_image = still;
  };
}

// One of the words, the name of a picture, that has an extension or a folder, or a moment of a
// clip.
Change<Options> read_start(const Value& value, NamedFiles& files, Mistakes& mistakes) {
  if (value.is_table()) {
    constexpr std::array kKeys = {std::string_view("video"), std::string_view("at")};
    check_keys(value, "a table of start", kKeys, mistakes);
    const auto moment = read_moment(value, files, mistakes);
    return moment ? start_at(*moment) : Change<Options>();
  }
  const bool unknown = value.kind == Value::Kind::text && !value_of<StartKind>(value.text);
  if (unknown && value.text.find_first_of("./") != std::string::npos) {
    const auto path = files.read(value, "start", "picture", mistakes);
    return path ? start_at({.file = *path}) : Change<Options>();
  }
  if (unknown) {
    const auto words = words_of_enum<StartKind>();
    std::string hint = did_you_mean(value.text, words);
    if (hint.empty()) hint = "an image file is named with its extension, as in \"moon.png\"";
    mistakes.add(value.position,
                 fmt::format("start: \"{}\" is not one of {}, nor an image file",
                             printable(value.text, 40), listed(words)),
                 hint);
    return {};
  }
  const auto kind = read_enum<StartKind>(value, "start", mistakes);
  if (!kind) return {};
  return [start = *kind](Options& options) {
    options.start = start;
    options.start_image = {};
  };
}

std::string start_text(const Options& options) {
  if (options.start != StartKind::image) return toml_word(options.start);
  const Still& still = options.start_image;
  return still.is_moment() ? "{ " + moment_text(still) + " }" : file_text(still.file);
}

Change<Options> read_augment_option(const Value& value, NamedFiles& files, Mistakes& mistakes) {
  const auto steps = read_augments(value, files, mistakes);
  if (!steps) return {};
  return [augment = *steps](Options& options) { options.augment = augment; };
}

// clang-format off
constexpr Row<Options> kRecipe = {
    "recipe", Custom<Options>{[](const Options& o) { return toml_text(o.recipe); }, R"({"$ref": "#/definitions/recipe"})"},
    "\"notebook\"", "The set of values for all options that are not given."};

constexpr Row<Options> kOptimizeRows[] = {
    {"iterations", Integer<Options>{&Options::iterations, 1, kMostSteps}, "200",
     "Steps of the optimization; more steps follow the prompt further."},
    {"extra", Custom<Options>{[](const Options& o) { return toml_list(o.extra, toml_text); }, R"({"$ref": "#/definitions/texts"})", read_extra},
     "\"watercolor\"", "Texts that are joined to every prompt."},
    {"exclude", Custom<Options>{[](const Options& o) { return toml_list(o.exclude, prompt_text); }, R"({"$ref": "#/definitions/exclude"})"},
     "[\"blurry\"]", "Prompts that the picture is pushed away from."},
    {"seed", Custom<Options>{seed_text, R"({"anyOf": [{"type": "integer", "minimum": 0, "maximum": 9223372036854775807}, {"type": "string", "pattern": "^[0-9]{1,20}$"}]})", read_seed},
     "7", "The seed of all random draws: another number gives another picture."},
    {"start", Custom<Options>{start_text, R"({"$ref": "#/definitions/start"})", read_start},
     "\"previous\"", "What the picture begins as: random codes, a sine of noise, the previous keyframe, the nearest picture in the models' bank, the image file that is named, or a moment of a clip: { video = \"clip.mp4\", at = \"12s\" }."},
    {"start_weight", Number<Options>{&Options::start_weight, {.min = 0, .max = 1e6}}, "0.2",
     "How strongly the latent stays close to its start."},
    {"coarse", Integer<Options>{&Options::coarse, 0, 6}, "2",
     "How many times the picture's sides are halved for its first pass; each later pass doubles them."},
    {"coarse_iterations", Integer<Options>{&Options::coarse_iterations, 1, kMostSteps}, "50",
     "Steps of each pass below the full size."},
    {"restarts", Integer<Options>{&Options::restarts, 1, 1000}, "4",
     "How many times the first pass is made, each time with its own random draws; the best one continues."},
    {"collage", Boolean<Options>{&Options::collage}, "true",
     "With start = \"nearest\": what the nearest picture lacks is taken from others in the bank."},
    {"match_weight", Number<Options>{&Options::match_weight, {.min = 0, .max = 1e6}}, "2.0",
     "With start = \"nearest\": this, times how much of the prompt the start shows, is added to start_weight."},
    {"contrast", Number<Options>{&Options::contrast, {.min = 0, .max = 1000}}, "1.0",
     "With start = \"nearest\": how strongly what the start already shows is pushed away, so that only the rest of the prompt acts."},
    {"smooth", Number<Options>{&Options::smooth, {.min = 0, .max = 16}}, "0.7",
     "Standard deviation, in latent cells, of the Gaussian that evens out the gradient."},
    {"mask", Number<Options>{&Options::mask, kPartOfSide}, "0.4",
     "The fraction of the cells that change freely: those with the largest gradient."},
    {"cycle", Number<Options>{&Options::cycle, {.min = 0, .max = 1}}, "0.5",
     "The fraction of the way that the latent moves to the encoding of its own picture, every cycle_every steps."},
    {"cycle_every", Integer<Options>{&Options::cycle_every, 1, kMostSteps}, "5",
     "Steps from one move of cycle to the next."},
    {"quantize", Boolean<Options>{&Options::quantize}, "true",
     "Whether the picture is decoded from the codebook's nearest codes while it is optimized."},
    {"image_clamp", choice<&Options::image_clamp>(), "\"descent\"",
     "How pixels beyond black and white are clamped: descent keeps gradients that lead back."},
    {"cutter", choice<&Options::cutter>(), "\"crops\"",
     "How CLIP's cutouts are made from the picture."},
    {"cutouts", Integer<Options>{&Options::cutouts, 1, 4096}, "32",
     "How many cutouts CLIP looks at in every step."},
    {"cut_power", Number<Options>{&Options::cut_power, {.min = 0, .max = 100}}, "1.0",
     "For crops: above 1, more of them are small."},
    {"cut_min", OptionalNumber<Options>{&Options::cut_min, kPartOfSide}, "0.6",
     "For crops: the smallest, as a fraction of the shorter side."},
    {"cut_max", OptionalNumber<Options>{&Options::cut_max, kPartOfSide}, "1.0",
     "For crops: the largest, as a fraction of the shorter side."},
    {"augment", Custom<Options>{[](const Options& o) { return toml_list(o.augment, augment_text); }, R"({"$ref": "#/definitions/augment"})", read_augment_option},
     "[{ name = \"flip\", probability = 0.5 }]", "What is done to the cutouts, in this order."},
    {"noise", Number<Options>{&Options::noise, {.min = 0, .max = 10}}, "0.1",
     "The most noise that is added to a cutout."},
    {"loss", choice<&Options::loss>(), "\"spherical\"",
     "How far a cutout is from a prompt: the angle's cosine, or its great-circle distance squared."},
    {"include_weight", ChangingWeight<Options>{&Options::include_weight, &Options::include_weight_curve, kWeights}, "1.0",
     "Weight of the keyframe's prompts; with [feedback] or [source] it may change over the film."},
    {"exclude_weight", ChangingWeight<Options>{&Options::exclude_weight, &Options::exclude_weight_curve, kWeights}, "0.5",
     "Weight of the prompts in exclude; it may change as include_weight may."},
    {"extra_weight", ChangingWeight<Options>{&Options::extra_weight, &Options::extra_weight_curve, kWeights}, "1.0",
     "Weight of the texts in extra, beside the prompt's; it may change as include_weight may."},
    {"optimizer", choice<&Options::optimizer>(), "\"adam\"",
     "The rule by which the latent follows its gradient."},
    {"learning_rate", Number<Options>{&Options::learning_rate, {.min = 0, .max = 100, .above_min = true}}, "0.1",
     "How large the first steps are."},
    {"learning_rate_end", Number<Options>{&Options::learning_rate_end, {.min = 0, .max = 1}}, "0.1",
     "How large the last step is, as a fraction of the first."},
    {"weight_decay", Number<Options>{&Options::weight_decay, {.min = 0, .max = 10}}, "0.1",
     "How strongly the latent is pulled towards zero."},
    {"clamp", Boolean<Options>{&Options::clamp}, "true",
     "Whether the latent is kept within the codebook's range."},
    {"keep", choice<&Options::keep>(), "\"best\"",
     "Which latent is the result: the one with the lowest loss, or the last."},
    {"average", Number<Options>{&Options::average, {.min = 0, .max = 0.999}}, "0.8",
     "The result is a moving average of the latent; this is the weight of its past."},
    {"patience", Integer<Options>{&Options::patience, 0, kMostSteps}, "50",
     "Stop after this many steps without improvement; 0: never."},
    {"precision", choice<&Options::precision>(), "\"float32\"",
     "The networks' precision; auto is bfloat16 where the machine is faster with it."},
};
// clang-format on

}  // namespace

std::span<const Row<OptimizeOptions>> optimize_rows() {
  return kOptimizeRows;
}

const Row<OptimizeOptions>& recipe_row() {
  return kRecipe;
}

OptimizeChanges read_optimize(const Value& table, const CurveContext& curves, NamedFiles& files,
                              Mistakes& mistakes) {
  OptimizeChanges result;
  const auto read = [&](const Row<Options>& row, const Value& value) {
    const auto* changing = std::get_if<ChangingWeight<Options>>(&row.type);
    if (changing != nullptr) return read_changing(row, *changing, value, curves, mistakes);
    if (row.key == "exclude") return read_exclude(value, curves, files, mistakes);
    return read_row(row, value, files, mistakes);
  };
  if (const Entry* recipe = table.find(kRecipe.key)) {
    const auto index =
        read_word(recipe->value, {.key = kRecipe.key, .example = {}}, recipe_names(), mistakes);
    if (index) result.recipe = recipe_names()[*index];
  }
  for (const auto& row : kOptimizeRows) {
    const Entry* entry = table.find(row.key);
    if (entry == nullptr) continue;
    if (auto change = read(row, entry->value)) {
      result.changes.push_back(std::move(change));
    }
  }
  return result;
}

}  // namespace latentreel::scenes
