#include "scenes/scene_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include "scenes/augment_keys.h"
#include "scenes/enum_names.h"
#include "scenes/file_names.h"
#include "scenes/recipes.h"
#include "scenes/time_text.h"

namespace latentreel::scenes {
namespace {

// A key and the TOML of its value; an empty value means the key is not set.
using KeyText = std::pair<std::string_view, std::string>;

std::string text_of(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (c == '\n') {
      result += "\\n";
    } else if (c == '\t') {
      result += "\\t";
    } else if (byte < 0x20 || byte == 0x7F) {
      result += fmt::format("\\u{:04X}", byte);
    } else {
      result += c;
    }
  }
  return result + '"';
}

std::string file_name(const std::filesystem::path& path) {
  return text_of(path.filename().string());
}

std::string model_name(const std::string& name) {
  if (!is_model_path(name)) return text_of(name);
  const std::string last = std::filesystem::path(name).filename().string();
  return text_of(is_model_path(last) ? last : "./" + last);
}

template <class Enum>
std::string word(Enum value) {
  return text_of(name_of(value));
}

std::string number(double value) {
  return fmt::format("{}", value);
}

std::string boolean(bool value) {
  return value ? "true" : "false";
}

std::string time(RationalTime value) {
  return text_of(exact_time_text(value));
}

template <class Items, class Text>
std::string list(const Items& items, Text text) {
  std::string result = "[";
  for (const auto& item : items) {
    if (result.size() > 1) result += ", ";
    result += text(item);
  }
  return result + "]";
}

std::string prompt_text(const Prompt& prompt) {
  const bool text = prompt.kind == Prompt::Kind::text;
  if (text && prompt.weight == 1.0 && !std::isfinite(prompt.stop)) return text_of(prompt.text);
  std::string result =
      text ? "{ text = " + text_of(prompt.text) : "{ image = " + file_name(prompt.image);
  if (prompt.weight != 1.0) result += ", weight = " + number(prompt.weight);
  if (std::isfinite(prompt.stop)) result += ", stop = " + number(prompt.stop);
  return result + " }";
}

// Every key of [optimize] but `recipe`, in the order in which people read about them.
std::vector<KeyText> option_texts(const OptimizeOptions& options) {
  const auto optional = [](const std::optional<double>& value) {
    return value ? number(*value) : std::string();
  };
  return {
      {"iterations", fmt::format("{}", options.iterations)},
      {"extra", list(options.extra, text_of)},
      {"exclude", list(options.exclude, prompt_text)},
      {"seed", fmt::format("{}", options.seed)},
      {"start",
       options.start == StartKind::image ? file_name(options.start_image) : word(options.start)},
      {"start_weight", number(options.start_weight)},
      {"coarse", fmt::format("{}", options.coarse)},
      {"coarse_iterations", fmt::format("{}", options.coarse_iterations)},
      {"restarts", fmt::format("{}", options.restarts)},
      {"collage", boolean(options.collage)},
      {"match_weight", number(options.match_weight)},
      {"contrast", number(options.contrast)},
      {"smooth", number(options.smooth)},
      {"mask", number(options.mask)},
      {"cycle", number(options.cycle)},
      {"cycle_every", fmt::format("{}", options.cycle_every)},
      {"quantize", boolean(options.quantize)},
      {"image_clamp", word(options.image_clamp)},
      {"cutter", word(options.cutter)},
      {"cutouts", fmt::format("{}", options.cutouts)},
      {"cut_power", number(options.cut_power)},
      {"cut_min", optional(options.cut_min)},
      {"cut_max", optional(options.cut_max)},
      {"augment", list(options.augment, augment_text)},
      {"noise", number(options.noise)},
      {"loss", word(options.loss)},
      {"include_weight", number(options.include_weight)},
      {"exclude_weight", number(options.exclude_weight)},
      {"extra_weight", number(options.extra_weight)},
      {"optimizer", word(options.optimizer)},
      {"learning_rate", number(options.learning_rate)},
      {"learning_rate_end", number(options.learning_rate_end)},
      {"weight_decay", number(options.weight_decay)},
      {"clamp", boolean(options.clamp)},
      {"keep", word(options.keep)},
      {"average", number(options.average)},
      {"patience", fmt::format("{}", options.patience)},
      {"precision", word(options.precision)},
  };
}

// Options as texts, less what the recipe says by itself.
struct OptionsOfKeyframe {
  std::string recipe;
  std::vector<KeyText> texts;
  std::vector<bool> from_recipe;
};

OptionsOfKeyframe options_of(const Keyframe& keyframe) {
  OptionsOfKeyframe result{keyframe.optimize.recipe, option_texts(keyframe.optimize), {}};
  const auto defaults = option_texts(recipe(result.recipe));
  for (std::size_t i = 0; i < defaults.size(); ++i) {
    result.from_recipe.push_back(result.texts[i].second == defaults[i].second);
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

void write_video(const VideoOptions& video, Writer& writer) {
  writer.table("[video]");
  writer.line("size", text_of(fmt::format("{}x{}", video.width, video.height)));
  if (video.output_width > 0) {
    writer.line("output", text_of(fmt::format("{}x{}", video.output_width, video.output_height)));
  }
  writer.line("fps", video.fps.denominator == 1 ? fmt::format("{}", video.fps.numerator)
                                                : text_of(fmt::format("{}/{}", video.fps.numerator,
                                                                      video.fps.denominator)));
  writer.line("codec", word(video.codec));
  if (video.quality) writer.line("quality", number(*video.quality));
  if (video.duration) writer.line("duration", time(*video.duration));
}

void write_music(const MusicOptions& music, Writer& writer) {
  const MusicOptions defaults;
  writer.table("[music]");
  if (!music.file.empty()) writer.line("file", file_name(music.file));
  if (music.from != defaults.from) writer.line("from", time(music.from));
  if (music.to) writer.line("to", time(*music.to));
  if (music.bpm) {
    writer.line("bpm", exact_decimal(*music.bpm).value_or(number(music.bpm->to_seconds())));
  }
  if (music.offset < RationalTime()) {
    writer.line("offset", exact_decimal(music.offset).value_or(number(music.offset.to_seconds())));
  } else if (music.offset != defaults.offset) {
    writer.line("offset", time(music.offset));
  }
  if (music.beats_per_bar != defaults.beats_per_bar) {
    writer.line("beats_per_bar", fmt::format("{}", music.beats_per_bar));
  }
  if (!music.beats.empty()) writer.line("beats", file_name(music.beats));
}

void write_models(const ModelOptions& models, Writer& writer) {
  writer.table("[models]");
  writer.line("vqgan", model_name(models.vqgan));
  writer.line("clip", list(models.clip, [](const ClipChoice& choice) {
                if (choice.weight == 1.0) return model_name(choice.name);
                return fmt::format("{{ name = {}, weight = {} }}", model_name(choice.name),
                                   choice.weight);
              }));
}

void write_interpolate(const InterpolateOptions& interpolate, Writer& writer) {
  writer.table("[interpolate]");
  writer.line("path", word(interpolate.path));
  writer.line("easing", word(interpolate.easing));
  writer.line("pacing", word(interpolate.pacing));
  if (interpolate.loop) writer.line("loop", "true");
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
  if (one_recipe) writer.line("recipe", text_of(first.recipe));
  for (std::size_t key = 0; key < first.texts.size(); ++key) {
    const bool same = all([&](const auto& o) { return o.texts[key] == first.texts[key]; });
    const bool known = all([&](const auto& o) { return o.from_recipe[key]; });
    shared.push_back(same || known);
    if (same && !known && !first.texts[key].second.empty()) {
      writer.line(first.texts[key].first, first.texts[key].second);
    }
  }
  for (std::size_t i = 0; i < keyframes.size(); ++i) {
    const Keyframe& keyframe = keyframes[i];
    writer.table("[[keyframe]]");
    writer.line("at", time(keyframe.at));
    if (keyframe.hold != RationalTime()) writer.line("hold", time(keyframe.hold));
    const bool plain = keyframe.prompts.size() == 1 &&
                       keyframe.prompts[0].kind == Prompt::Kind::text &&
                       prompt_text(keyframe.prompts[0]).front() == '"';
    if (plain) {
      writer.line("prompt", prompt_text(keyframe.prompts[0]));
    } else {
      writer.line("prompts", list(keyframe.prompts, prompt_text));
    }
    if (!one_recipe) writer.line("recipe", text_of(options[i].recipe));
    for (std::size_t key = 0; key < options[i].texts.size(); ++key) {
      const auto& [name, text] = options[i].texts[key];
      if (!shared[key] && !options[i].from_recipe[key] && !text.empty()) writer.line(name, text);
    }
  }
}

}  // namespace

std::string scene_text(const Scene& scene) {
  Writer writer;
  writer.line("title", text_of(scene.title));
  write_video(scene.video, writer);
  write_music(scene.music, writer);
  write_models(scene.models, writer);
  write_interpolate(scene.interpolate, writer);
  write_keyframes(scene.keyframes, writer);
  return std::move(writer).text();
}

}  // namespace latentreel::scenes
