#include "scenes/prompt_reading.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "scenes/curve_reading.h"
#include "scenes/foreign_prompts.h"
#include "scenes/toml_text.h"

namespace latentreel::scenes {
namespace {

// The line that a scene says these prompts with, in place of a text that is the value of `key`.
std::string rewritten(const std::vector<Prompt>& prompts, std::string_view key) {
  const auto list = toml_list(prompts, prompt_text);
  const bool one_text = prompts.size() == 1 && prompt_text(prompts[0]).front() == '"';
  if (key == "prompt") {
    return one_text ? fmt::format("prompt = {}", prompt_text(prompts[0]))
                    : fmt::format("prompts = {}", list);
  }
  if (key != "extra") return list.substr(1, list.size() - 2);
  // Texts in extra have no weights of their own.
  std::vector<Prompt> towards, away;
  for (const Prompt& prompt : prompts) {
    if (prompt.weight > 0) {
      towards.push_back({.text = prompt.text});
    } else {
      away.push_back({.text = prompt.text, .weight = -prompt.weight});
    }
  }
  auto text = fmt::format("extra = {}", toml_list(towards, prompt_text));
  if (!away.empty()) text += fmt::format(" and exclude = {}", toml_list(away, prompt_text));
  return text;
}

// Counted by the clip's own clock, which knows neither the film's frames nor the song's beats.
std::optional<RationalTime> read_clip_time(const Value& value, Mistakes& mistakes) {
  constexpr std::string_view kOfClocks = "0123456789.:/s \t";
  if (value.text.find_first_not_of(kOfClocks) != std::string::npos) {
    mistakes.add(value.position,
                 fmt::format("at: \"{}\" is no moment of a clip, which is counted from the clip's "
                             "first frame",
                             printable(value.text, 40)),
                 "write \"12.5s\" or \"1:12.5\"");
    return std::nullopt;
  }
  return read_time(value, {.key = "at", .example = "\"12s\""}, TimeContext(), mistakes);
}

// The picture, of a file or a clip, that a table of a prompt names; `image` or `video` is there.
std::optional<Still> read_still(const Value& table, NamedFiles& files, Mistakes& mistakes) {
  const Entry* image = table.find("image");
  if (image == nullptr) return read_moment(table, files, mistakes);
  const auto file = files.read(image->value, "image", "picture", mistakes);
  if (!file) return std::nullopt;
  return Still{.file = *file};
}

}  // namespace

std::optional<Still> read_moment(const Value& table, NamedFiles& files, Mistakes& mistakes) {
  const Entry* video = table.find("video");
  const Entry* at = table.find("at");
  if (video == nullptr || at == nullptr) {
    mistakes.add(table.position,
                 video == nullptr ? "at: belongs to a clip, but there is no video"
                                  : "video: of a clip one moment is shown, but there is no at",
                 "write { video = \"clip.mp4\", at = \"12s\" }");
    return std::nullopt;
  }
  const auto file = files.read(video->value, "video", "clip", mistakes);
  const auto time = read_clip_time(at->value, mistakes);
  if (!file || !time) return std::nullopt;
  return Still{.file = *file, .at = *time};
}

std::optional<Prompt> read_prompt(const Value& value, std::string_view key,
                                  const CurveContext& curves, NamedFiles& files,
                                  Mistakes& mistakes) {
  if (!value.is_table()) {
    if (value.is_list()) {
      add_wrong_type(value, {.key = key, .example = "\"a red apple\""}, "a string", mistakes);
      return std::nullopt;
    }
    auto text = read_prompt_text(value, {.key = key, .example = "\"a red apple\""}, mistakes);
    if (!text) return std::nullopt;
    note_foreign(value, key, mistakes);
    return Prompt{.text = *text, .line = value.position.line};
  }
  using namespace std::string_view_literals;
  constexpr std::array kKeys = {"text"sv, "image"sv, "video"sv, "at"sv, "weight"sv, "stop"sv};
  check_keys(value, fmt::format("a table of {}", key), kKeys, mistakes);
  Prompt prompt;
  prompt.line = value.position.line;
  const Entry* text = value.find("text");
  const auto has = [&](std::string_view name) { return value.find(name) != nullptr; };
  bool good = true;
  if (has("text") + has("image") + has("video") != 1) {
    mistakes.add(value.position, fmt::format("{}: a table needs one of text, image and video", key),
                 "write { text = \"a red apple\", weight = 1.0 }");
    good = false;
  } else if (has("at") && !has("video")) {
    mistakes.add(value.find("at")->position, "at: is about a clip, but there is no video",
                 "write { video = \"clip.mp4\", at = \"12s\" }");
    good = false;
  } else if (text != nullptr) {
    const auto read =
        read_prompt_text(text->value, {.key = "text", .example = "\"a red apple\""}, mistakes);
    good = read.has_value();
    if (read) prompt.text = *read;
    if (read) note_foreign(text->value, key, mistakes);
  } else {
    prompt.kind = Prompt::Kind::image;
    const auto still = read_still(value, files, mistakes);
    good = still.has_value();
    if (still) prompt.image = *still;
  }
  if (const Entry* weight = value.find("weight")) {
    const auto read = read_weight(weight->value, {.key = "weight", .example = "1.0"},
                                  kPromptWeights, curves, mistakes);
    good = good && read;
    if (read) put_weight(*read, prompt.weight, prompt.weight_curve);
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

std::vector<Prompt> read_prompts(const Value& value, std::string_view key,
                                 const CurveContext& curves, NamedFiles& files,
                                 Mistakes& mistakes) {
  std::vector<Prompt> prompts;
  if (value.items.size() > kMostPrompts) {
    mistakes.add(value.position, fmt::format("{}: more than {} prompts", key, kMostPrompts));
    return prompts;
  }
  for (const Value& item : value.items) {
    if (auto prompt = read_prompt(item, key, curves, files, mistakes)) prompts.push_back(*prompt);
  }
  return prompts;
}

void note_foreign(const Value& text, std::string_view key, Mistakes& mistakes) {
  const auto foreign = read_foreign(text.text);
  if (!foreign) return;
  const bool away = std::any_of(foreign->prompts.begin(), foreign->prompts.end(),
                                [](const Prompt& prompt) { return prompt.weight < 0; });
  std::string hint = fmt::format("write {}", rewritten(foreign->prompts, key));
  if (!foreign->left_out.empty()) {
    hint += fmt::format(", and leave out {}", fmt::join(foreign->left_out, ", "));
  }
  mistakes.note(
      text.position,
      fmt::format("{}: the text is written as for another program; CLIP reads all of it as words{}",
                  key, away ? ", so that what is to be pushed away attracts" : ""),
      std::move(hint));
}

std::string file_text(const std::filesystem::path& file) {
  return toml_text(file.filename().string());
}

std::string moment_text(const Still& moment) {
  return fmt::format("video = {}, at = {}", file_text(moment.file), toml(*moment.at));
}

std::string prompt_text(const Prompt& prompt) {
  const bool text = prompt.kind == Prompt::Kind::text;
  const bool weighed = prompt.weight_curve || prompt.weight != 1.0;
  if (text && !weighed && !std::isfinite(prompt.stop)) return toml_text(prompt.text);
  std::string result = "{ ";
  if (text) {
    result += "text = " + toml_text(prompt.text);
  } else if (prompt.image.is_moment()) {
    result += moment_text(prompt.image);
  } else {
    result += "image = " + file_text(prompt.image.file);
  }
  if (weighed) {
    result += ", weight = ";
    result += prompt.weight_curve ? toml(*prompt.weight_curve) : toml(prompt.weight);
  }
  if (std::isfinite(prompt.stop)) result += ", stop = " + toml(prompt.stop);
  return result + " }";
}

}  // namespace latentreel::scenes
