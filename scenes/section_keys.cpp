#include "scenes/section_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace latentreel::scenes {
namespace {

using namespace std::string_view_literals;

constexpr std::array kScene = {"title"sv,    "video"sv,       "music"sv,   "models"sv,
                               "optimize"sv, "interpolate"sv, "keyframe"sv};
constexpr std::array kVideo = {"size"sv, "output"sv, "fps"sv, "codec"sv, "quality"sv, "duration"sv};
constexpr std::array kMusic = {"file"sv,   "from"sv,          "to"sv,   "bpm"sv,
                               "offset"sv, "beats_per_bar"sv, "beats"sv};
constexpr std::array kModels = {"vqgan"sv, "clip"sv};
constexpr std::array kInterpolate = {"path"sv, "easing"sv, "pacing"sv, "loop"sv};
constexpr std::array kOptimize = {"recipe"sv,         "iterations"sv,     "extra"sv,
                                  "exclude"sv,        "seed"sv,           "start"sv,
                                  "start_weight"sv,   "coarse"sv,         "coarse_iterations"sv,
                                  "restarts"sv,       "collage"sv,        "match_weight"sv,
                                  "contrast"sv,       "smooth"sv,         "mask"sv,
                                  "cycle"sv,          "cycle_every"sv,    "quantize"sv,
                                  "image_clamp"sv,    "cutter"sv,         "cutouts"sv,
                                  "cut_power"sv,      "cut_min"sv,        "cut_max"sv,
                                  "augment"sv,        "noise"sv,          "loss"sv,
                                  "include_weight"sv, "exclude_weight"sv, "extra_weight"sv,
                                  "optimizer"sv,      "learning_rate"sv,  "learning_rate_end"sv,
                                  "weight_decay"sv,   "clamp"sv,          "keep"sv,
                                  "average"sv,        "patience"sv,       "precision"sv};
constexpr std::array kOfKeyframe = {"at"sv, "hold"sv, "prompt"sv, "prompts"sv};

}  // namespace

std::span<const std::string_view> scene_keys() {
  return kScene;
}
std::span<const std::string_view> video_keys() {
  return kVideo;
}
std::span<const std::string_view> music_keys() {
  return kMusic;
}
std::span<const std::string_view> model_keys() {
  return kModels;
}
std::span<const std::string_view> optimize_keys() {
  return kOptimize;
}
std::span<const std::string_view> interpolate_keys() {
  return kInterpolate;
}

std::span<const std::string_view> keyframe_keys() {
  static const std::vector<std::string_view> keys = [] {
    std::vector<std::string_view> all(kOfKeyframe.begin(), kOfKeyframe.end());
    all.insert(all.end(), kOptimize.begin(), kOptimize.end());
    return all;
  }();
  return keys;
}

std::string belongs_elsewhere(std::string_view key, std::string_view here) {
  const std::array<std::pair<std::string_view, std::span<const std::string_view>>, 6> tables = {
      {{"[video]", kVideo},
       {"[music]", kMusic},
       {"[models]", kModels},
       {"[interpolate]", kInterpolate},
       {"[optimize]", kOptimize},
       {"[[keyframe]]", kOfKeyframe}}};
  for (const auto& [table, keys] : tables) {
    if (table == here || std::find(keys.begin(), keys.end(), key) == keys.end()) continue;
    return fmt::format("\"{}\" belongs in {}", key, table);
  }
  if (key == "title" && here != "the scene") return "\"title\" belongs above the first [table]";
  return {};
}

}  // namespace latentreel::scenes
