#include "scenes/overrides.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "scenes/other_names.h"
#include "scenes/section_rows.h"

namespace latentreel::scenes {
namespace {

std::vector<std::string> parts_of(std::string_view key) {
  std::vector<std::string> parts;
  for (;;) {
    const auto dot = key.find('.');
    parts.emplace_back(key.substr(0, dot));
    if (dot == std::string_view::npos) return parts;
    key.remove_prefix(dot + 1);
  }
}

bool is_section(std::string_view name) {
  using namespace std::string_view_literals;
  constexpr std::array kSections = {"video"sv,       "music"sv,  "signals"sv, "models"sv,
                                    "interpolate"sv, "pulse"sv,  "motion"sv,  "feedback"sv,
                                    "source"sv,      "picture"sv};
  return std::find(kSections.begin(), kSections.end(), name) != kSections.end();
}

std::string first_hint(const std::string& word) {
  for (const auto& [table, keys] :
       {std::pair("video", video_keys()), std::pair("music", music_keys()),
        std::pair("models", model_keys()), std::pair("interpolate", interpolate_keys()),
        std::pair("picture", picture_keys()), std::pair("optimize", optimize_keys()),
        std::pair("pulse", pulse_keys()), std::pair("motion", motion_keys()),
        std::pair("feedback", feedback_keys()), std::pair("source", source_keys())}) {
    if (std::find(keys.begin(), keys.end(), word) != keys.end()) {
      return fmt::format("did you mean \"{}.{}\"?", table, word);
    }
  }
  std::string hint = called_here(word);
  if (hint.empty()) hint = did_you_mean(word, scene_keys());
  return hint.empty() ? fmt::format("keys begin with {}", listed(scene_keys())) : hint;
}

// The section's table, made where the scene has none; null where it has something else.
Value* section_of(Value& scene, const std::string& name) {
  Entry* entry = scene.find(name);
  if (entry == nullptr) {
    scene.entries.push_back({name, {}, Value{}});
    entry = &scene.entries.back();
  }
  return entry->value.is_table() ? &entry->value : nullptr;
}

}  // namespace

void set_key(Value& table, const std::string& key, const Value& value) {
  table.erase(key);
  // One of two ways to say it replaces the other.
  if (key == "prompt") table.erase("prompts");
  if (key == "prompts") table.erase("prompt");
  table.entries.push_back({key, value.position, value});
}

Overrides apply_overrides(std::span<const Override> overrides, Value& scene, Mistakes& mistakes) {
  Overrides result;
  for (std::size_t i = 0; i < overrides.size(); ++i) {
    const Override& given = overrides[i];
    const Position where{.override_index = static_cast<int>(i)};
    const Value value = parse_override_value(given.value, where.override_index);
    const auto parts = parts_of(given.key);
    const std::string& first = parts.front();
    const bool known = is_section(first) || first == "optimize" || first == "keyframe";
    if ((first == "title" || first == "artist") && parts.size() == 1) {
      set_key(scene, first, value);
    } else if (!known) {
      mistakes.add(where, fmt::format("unknown key \"{}\"", printable(first, 40)),
                   first_hint(first));
    } else if (first == "keyframe") {
      std::size_t number = 0;
      const char* end = parts.size() > 1 ? parts[1].data() + parts[1].size() : nullptr;
      const bool good = parts.size() == 3 &&
                        std::from_chars(parts[1].data(), end, number).ptr == end &&
                        !parts[1].empty();
      if (good) {
        result.keyframes.push_back({number, parts[2], value});
      } else {
        mistakes.add(where, "a keyframe's key needs its number, counted from 0",
                     "as in --set keyframe.0.iterations=50");
      }
    } else if (parts.size() != 2 || parts[1].empty()) {
      mistakes.add(where, fmt::format("expected one key of [{}]", first),
                   fmt::format("as in --set {}.{}=...", first,
                               first == "video"      ? "fps"
                               : first == "music"    ? "bpm"
                               : first == "models"   ? "vqgan"
                               : first == "optimize" ? "iterations"
                               : first == "signals"  ? "kick"
                               : first == "pulse"    ? "amount"
                               : first == "picture"  ? "brightness"
                                                     : "easing"));
    } else if (first == "optimize") {
      set_key(result.optimize, parts[1], value);
    } else if (Value* section = section_of(scene, first)) {
      set_key(*section, parts[1], value);
    }
  }
  return result;
}

}  // namespace latentreel::scenes
