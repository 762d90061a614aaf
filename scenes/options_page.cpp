#include "scenes/options_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "scenes/augment_rows.h"
#include "scenes/optimize_rows.h"
#include "scenes/recipes.h"
#include "scenes/section_rows.h"

namespace latentreel::scenes {
namespace {

std::string code(const std::string& toml) {
  return toml.empty() ? std::string() : "`" + toml + "`";
}

std::string bounds(double min, double max, bool above_min) {
  return fmt::format("{}{} to {}", above_min ? "above " : "", min, max);
}

std::string words(const std::vector<std::string_view>& list) {
  std::string text;
  for (const auto word : list) text += fmt::format("{}`\"{}\"`", text.empty() ? "" : " ", word);
  return text;
}

// What the value may be; of those with a form of their own an example.
template <class Owner>
std::string allowed(const Row<Owner>& row) {
  return std::visit(
      Overloaded{
          [](const Integer<Owner>& type) { return fmt::format("{} to {}", type.min, type.max); },
          [](const Number<Owner>& type) {
            return bounds(type.range.min, type.range.max, type.range.above_min);
          },
          [](const OptionalNumber<Owner>& type) {
            return bounds(type.range.min, type.range.max, type.range.above_min);
          },
          [&](const Pair<Owner>&) { return "such as " + code(std::string(row.example)); },
          [](const Boolean<Owner>&) { return std::string("`true` `false`"); },
          [](const Choice<Owner>& type) { return words(type.words()); },
          [](const Animatable<Owner>& type) {
            return bounds(type.range.min, type.range.max, type.range.above_min);
          },
          [](const AnimatablePair<Owner>& type) {
            return "two of " + bounds(type.range.min, type.range.max, type.range.above_min);
          },
          [](const ChangingWeight<Owner>& type) {
            return bounds(type.range.min, type.range.max, type.range.above_min);
          },
          [&](const Custom<Owner>&) { return "such as " + code(std::string(row.example)); },
      },
      row.type);
}

constexpr std::string_view kHead = "| key | may be | by default | |\n| --- | --- | --- | --- |\n";
constexpr std::string_view kAnimatableHead =
    "| key | may be | by default | animatable | |\n| --- | --- | --- | --- | --- |\n";

template <class Owner>
std::string line_of(const Row<Owner>& row, const std::string& by_default) {
  return fmt::format("| `{}` | {} | {} | {} |\n", row.key, allowed(row), code(by_default),
                     row.help);
}

template <class Owner>
std::string animatable_line_of(const Row<Owner>& row, const std::string& by_default) {
  return fmt::format("| `{}` | {} | {} | {} | {} |\n", row.key, allowed(row), code(by_default),
                     is_animatable(row) ? "yes" : "", row.help);
}

enum class Defaults { shown, none };

template <class Owner>
std::string table_of(std::string_view name, std::span<const Row<Owner>> rows,
                     Defaults shown = Defaults::shown) {
  const bool animatable = std::any_of(rows.begin(), rows.end(), is_animatable<Owner>);
  std::string text = fmt::format("\n## {}\n\n{}", name, animatable ? kAnimatableHead : kHead);
  const Owner defaults{};
  for (const auto& row : rows) {
    const auto by_default = shown == Defaults::shown ? text_of(row, defaults) : std::string();
    text += animatable ? animatable_line_of(row, by_default) : line_of(row, by_default);
  }
  return text;
}

// The forms of animatable values, and what expressions may use.
constexpr std::string_view kCurves = R"MD(
## Animatable values

What is animatable may be a number, a list of points or an expression.

    speed = 1.5
    speed = [["0s", 1.0], ["bar 5", 1.4, "ease-in"]]
    speed = "0.2 + 2 * kick"

A point is a time, the value there and, if wanted, the easing of the way to it from the point before.
Before the first point and after the last their values stay.

An expression is computed for every frame. It may use:

| name | |
| --- | --- |
| `t`, `frame` | The frame's time in seconds, and its number, from 0. |
| `beat`, `bar` | The beat and the bar, from 1, with fractions: 2.5 is half way from the second to the third. |
| `beat_phase`, `bar_phase` | How much of the beat, and of the bar, is over in the middle of the frame, from 0 to just below 1: a beat begins on the frame nearest to it. |
| `rms`, `low`, `mid`, `high` | How loud the song is there, from 0 to 1: all of it, 20 to 150 Hz, 150 to 2000 Hz, 2000 to 20000 Hz. |
| `onsets`, `percussive`, `harmonic` | How suddenly sound begins; drums and other short sounds; held tones. |
| names in `[signals]` | Signals of the scene's own; one may take the place of those above. |
| `+ - * / % ^` | `^` is a power; `%` leaves the remainder, which has the sign of the divisor. |
| `< > <= >= == !=`, `&&`, <code>&#124;&#124;</code> | 1 where it is so, else 0. |
| `c ? a : b` | `a` where `c` is not 0, else `b`. |
| `sin(x)`, `cos(x)` | Of radians. |
| `min(a, b)`, `max(a, b)` | Also of more than two. |
| `clamp(x, lo, hi)` | `x`, but not below `lo` nor above `hi`. |
| `lerp(a, b, x)` | From `a` at 0 to `b` at 1. |
| `smoothstep(a, b, x)` | From 0 at `a` to 1 at `b`, smoothly. |
| `noise(seed, x)` | Smooth noise from -1 to 1 that changes as `x` grows by 1; other seeds, other noise. |

With `[feedback]` or `[source]`, where every frame is optimized, the `weight` of a prompt (a text or a picture,
also in `exclude`), `include_weight`, `exclude_weight` and `extra_weight` may be points or an expression too:

    prompts = ["a castle", { text = "fog", weight = "1.5 * low" }]

What weighs 0 in a frame has no part in it; where nothing weighs anything, the frame is what it began as. The
picture of a keyframe has the weights of its own frame.

Values are rounded to millionths, and those beyond their range become its nearest end. A frame at which
there is no number, as by a division by 0, is an error. When a scene is changed, only those frames are
made again whose values changed.

What `[motion]` says is read 120 times a second, whatever `fps` is, at the middle of each such step; there
`frame` has fractions, and beats are read at that very time. The camera of a frame is the product of the steps
before it, from the film's beginning or with `from = "keyframe"` from the last keyframe on: so it is in the
same place at the same time at any `fps`. Before the first keyframe such a camera stands. In a loop it does not
return by itself: where the film begins again it is back at its beginning.
)MD";

std::string signals_table() {
  return table_of<SignalOptions>("[signals]", signal_rows())
      .insert(
          std::string("\n## [signals]\n").size(),
          "\nSignals of the song for expressions, each with a name of its own: `kick = { source "
          "= \"band\", band = [40, 120], release = \"0.2s\" }`. A signal may have:\n");
}

std::string optimize_table() {
  const auto defaults = recipe(recipe_names().front());
  std::string text = fmt::format(
      "\n## [optimize]\n\nEvery keyframe may set any of these for itself.\n\n{}", kHead);
  text += fmt::format("| `recipe` | {} | `\"{}\"` | {} |\n", words(recipe_names()),
                      recipe_names().front(), recipe_row().help);
  for (const auto& row : optimize_rows()) {
    // A list of steps is long; the recipes' table has it.
    text += line_of(row, row.key == "augment" ? "" : text_of(row, defaults));
  }
  return text;
}

std::string recipes_table() {
  std::string text =
      "\n## Recipes\n\nThe values that they set; everything else has the defaults above.\n";
  const auto defaults = recipe(recipe_names().front());
  for (const auto name : recipe_names()) {
    const auto options = recipe(name);
    text += fmt::format("\n### {}\n\n", name);
    for (const auto& row : optimize_rows()) {
      const auto value = text_of(row, options);
      const bool differs = value != text_of(row, defaults);
      if (differs || row.key == "augment") text += fmt::format("    {} = {}\n", row.key, value);
    }
  }
  return text;
}

std::string feedback_recipes_table() {
  std::string text = "\nThe recipes of `[feedback]`:\n\n| key |";
  for (const auto& [name, recipe_name] : EnumNames<FeedbackRecipe>::kNames) {
    text += fmt::format(" {} |", name);
  }
  text += "\n| --- | --- | --- | --- | --- |\n";
  for (const auto& row : feedback_rows().subspan(1)) {
    text += fmt::format("| `{}` |", row.key);
    for (const auto& [name, recipe_name] : EnumNames<FeedbackRecipe>::kNames) {
      const auto value = text_of(row, recipe(recipe_name));
      text += value.empty() ? " |" : fmt::format(" `{}` |", value);
    }
    text += "\n";
  }
  return text;
}

std::string augment_tables() {
  std::string text =
      "\n## augment\n\nA list of steps such as `{ name = \"flip\", probability = 0.5 }`, done in "
      "this order.\n";
  for (const auto& [word, kind] : EnumNames<Augment::Kind>::kNames) {
    const Augment defaults{.kind = kind};
    text += fmt::format("\n### {}\n\n{}", word, kHead);
    for (const auto* row : augment_rows(kind)) text += line_of(*row, text_of(*row, defaults));
  }
  return text;
}

}  // namespace

std::string options_page() {
  std::string text =
      "# What a scene can say\n\n"
      "Printed by `latentreel schema --markdown`. Times are numbers of seconds or strings: "
      "`\"4s\"`, `\"1:12.5\"`, `\"frame 96\"`, and with `[music]` `\"beat 33\"`, `\"bar 9 beat "
      "3\"`, the name of a section or marker (`\"chorus\"`, the second one: `\"chorus 2\"`) and a "
      "line "
      "of its lyrics (`'lyric \"let it be\"'`). Any of them may be moved: `\"bar 9 + 2 beats\"`, "
      "`\"chorus - 0.5s\"`.\n";
  text +=
      table_of("Above the first table", scene_rows(), Defaults::none);  // the title is the file's
  text += table_of("[video]", video_rows());
  text += table_of("[music]", music_rows());
  text += signals_table();
  text += table_of("[models]", model_rows());
  text += optimize_table();
  text += augment_tables();
  text += recipes_table();
  text += table_of("[interpolate]", interpolate_rows());
  text += table_of("[pulse]", pulse_rows());
  text += table_of("[motion]", motion_rows());
  text += table_of("[feedback]", feedback_rows());
  text += feedback_recipes_table();
  text += table_of("[source]", source_rows());
  text += table_of("[picture]", picture_rows());
  text += table_of("[[keyframe]]", keyframe_rows(), Defaults::none);
  text += kCurves;
  return text;
}

}  // namespace latentreel::scenes
