#include "scenes/scene_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "scenes/optimize_rows.h"
#include "scenes/option_values.h"
#include "scenes/recipes.h"
#include "scenes/section_rows.h"
#include "scenes/signal_reading.h"

namespace latentreel::scenes {
namespace {

// The option's keys and values, less what the recipe says by itself.
struct OptionsOfKeyframe {
  std::string recipe;
  std::vector<OptionValue> values;
  std::vector<bool> from_recipe;
};

OptionsOfKeyframe options_of(const Keyframe& keyframe) {
  OptionsOfKeyframe result{keyframe.optimize.recipe, option_values(keyframe.optimize), {}};
  const auto defaults = option_values(recipe(result.recipe));
  for (std::size_t i = 0; i < defaults.size(); ++i) {
    result.from_recipe.push_back(result.values[i] == defaults[i]);
  }
  return result;
}

// Collects lines of `key = value`.
class Writer {
 public:
  void table(std::string_view header) { pending_ = fmt::format("\n{}\n", header); }
  void line(std::string_view key, const std::string& value) {
    text_ += std::exchange(pending_, {});
    text_ += fmt::format("{} = {}\n", key, value);
  }
  std::string text() && { return std::move(text_); }

 private:
  std::string text_;
  std::string pending_;  // a header that waits for its first line
};

// Every option that is set; of those that most scenes leave alone, only where they did not.
template <class Owner>
void write_rows(std::span<const Row<Owner>> rows, const Owner& owner, Writer& writer) {
  const Owner defaults{};
  for (const auto& row : rows) {
    const std::string text = text_of(row, owner);
    const bool silent = row.written == Written::when_changed && text == text_of(row, defaults);
    if (!text.empty() && !silent) writer.line(row.key, text);
  }
}

// What all keyframes share goes into [optimize], the rest to each.
void write_keyframes(const std::vector<Keyframe>& keyframes, Writer& writer) {
  std::vector<OptionsOfKeyframe> options;
  for (const Keyframe& keyframe : keyframes) options.push_back(options_of(keyframe));
  const auto all = [&](auto predicate) {
    return std::all_of(options.begin(), options.end(), predicate);
  };
  const OptionsOfKeyframe& first = options.front();
  const bool one_recipe = all([&](const auto& o) { return o.recipe == first.recipe; });
  std::vector<bool> shared;
  writer.table("[optimize]");
  if (one_recipe) {
    writer.line(recipe_row().key, text_of(recipe_row(), keyframes.front().optimize));
  }
  for (std::size_t key = 0; key < first.values.size(); ++key) {
    const bool same = all([&](const auto& o) { return o.values[key] == first.values[key]; });
    const bool known = all([&](const auto& o) { return o.from_recipe[key]; });
    shared.push_back(same || known);
    if (same && !known && !first.values[key].text.empty()) {
      writer.line(first.values[key].key, first.values[key].text);
    }
  }
  for (std::size_t i = 0; i < keyframes.size(); ++i) {
    const Keyframe& keyframe = keyframes[i];
    writer.table("[[keyframe]]");
    write_rows(keyframe_rows(), keyframe, writer);
    if (!one_recipe) writer.line(recipe_row().key, text_of(recipe_row(), keyframe.optimize));
    for (std::size_t key = 0; key < options[i].values.size(); ++key) {
      const auto& [name, text] = options[i].values[key];
      if (!shared[key] && !options[i].from_recipe[key] && !text.empty()) writer.line(name, text);
    }
  }
}

}  // namespace

std::string scene_text(const Scene& scene) {
  Writer writer;
  write_rows(scene_rows(), scene, writer);
  writer.table("[video]");
  write_rows(video_rows(), scene.video, writer);
  writer.table("[music]");
  write_rows(music_rows(), scene.music, writer);
  writer.table("[signals]");
  for (const SignalOptions& signal : scene.signals) writer.line(signal.name, signal_text(signal));
  writer.table("[models]");
  write_rows(model_rows(), scene.models, writer);
  writer.table("[interpolate]");
  write_rows(interpolate_rows(), scene.interpolate, writer);
  writer.table("[pulse]");
  write_rows(pulse_rows(), scene.pulse, writer);
  writer.table("[motion]");
  write_rows(motion_rows(), scene.motion, writer);
  if (scene.feedback.on) {
    writer.table("[feedback]");
    write_rows(feedback_rows(), scene.feedback, writer);
  }
  if (scene.source.on()) {
    writer.table("[source]");
    write_rows(source_rows(), scene.source, writer);
  }
  writer.table("[picture]");
  write_rows(picture_rows(), scene.picture, writer);
  write_keyframes(scene.keyframes, writer);
  return std::move(writer).text();
}

}  // namespace latentreel::scenes
