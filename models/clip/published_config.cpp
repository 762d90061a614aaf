#include "models/clip/published_config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "models/files/error.h"
#include "models/files/json_file.h"

namespace latentreel::models {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// True for whatever is wrong with such a file: what it says cannot be seen in the tensors.
constexpr const char* kWithoutIt =
    "Fetch the file that belongs to this model. Without it the activation has to be said "
    "(latentreel models import FILE --activation gelu), attention heads are taken to be 64 wide, "
    "and pictures are normalised as OpenAI's.";

[[noreturn]] void refuse_config(const fs::path& file, const std::string& problem) {
  refuse_json_beside(file, problem, kWithoutIt);
}

std::string three_numbers(const json& value, const fs::path& file, const char* key) {
  if (!value.is_array() || value.size() != 3)
    refuse_config(file, fmt::format("{} is not three numbers", key));
  std::vector<double> numbers;
  for (const auto& number : value) {
    if (!number.is_number())
      refuse_config(file, fmt::format("{} holds something that is not a number", key));
    numbers.push_back(number.get<double>());
  }
  return fmt::format("{}", fmt::join(numbers, " "));
}

// Attention heads of a tower as wide as the first axis of `tensor`. What cannot be is told here,
// with the file that says it; what cannot be so wide is left to who looks at the tensors.
void take_heads(const fs::path& file, const json* value, const StateDict& weights,
                std::string_view tensor, const char* key, PublishedClipConfig& said) {
  const auto* shown_by = weights.find(tensor);
  if (value == nullptr || !value->is_number_unsigned() || shown_by == nullptr ||
      shown_by->dim() == 0) {
    return;
  }
  const auto heads = value->get<std::uint64_t>();
  const auto width = static_cast<std::uint64_t>(shown_by->size(0));
  if (heads == 0 || width % heads != 0) {
    refuse_config(file, fmt::format("it says that a tower of width {} has {} attention heads, "
                                    "which cannot be",
                                    width, heads));
  }
  said.metadata[key] = std::to_string(heads);
}

void take_normalisation(const fs::path& file, const json* mean, const json* std,
                        PublishedClipConfig& said) {
  if (mean == nullptr || std == nullptr) return;
  said.metadata["image_mean"] = three_numbers(*mean, file, "the mean");
  said.metadata["image_std"] = three_numbers(*std, file, "the standard deviation");
  said.notes.push_back(
      fmt::format("The normalisation of pictures is taken from {}.", file.filename().string()));
}

// What a person can do about an activation that is not computed here. Three of Hugging Face's are
// gelu by formulas that are quicker to compute, within 0.001 of it.
std::string advice_on(std::string_view activation) {
  constexpr std::array<std::string_view, 3> kNearlyGelu = {"gelu_new", "gelu_fast",
                                                           "gelu_pytorch_tanh"};
  if (std::find(kNearlyGelu.begin(), kNearlyGelu.end(), activation) != kNearlyGelu.end()) {
    return "It is nearly the same as gelu. To use that: latentreel models import FILE --activation "
           "gelu";
  }
  return "Use another model; or, where this file is wrong, say what is right: latentreel models "
         "import FILE --activation gelu (or quick_gelu).";
}

// Hugging Face names activations as its layers do; absent means OpenAI's.
std::string hidden_act(const json& config, const char* tower) {
  const auto* act = at_keys(config, {tower, "hidden_act"});
  return act != nullptr && act->is_string() ? act->get<std::string>() : "quick_gelu";
}

void take_hidden_act(const fs::path& file, const json& config, const StateDict& weights,
                     PublishedClipConfig& said) {
  const auto text = hidden_act(config, "text_config");
  const auto vision = hidden_act(config, "vision_config");
  if (const auto known = weights.metadata("activation")) {
    if (text == *known && vision == *known) return;
    said.notes.push_back(fmt::format("{} says that the activation is {}; it is taken to be {}.",
                                     file.filename().string(), shown(text), *known));
    return;
  }
  for (const auto& act : {text, vision}) {
    if (act == "quick_gelu" || act == "gelu") continue;
    refuse_json_beside(file,
                       fmt::format("it says that the model has the activation {}, which latentreel "
                                   "does not compute",
                                   shown(act)),
                       advice_on(act));
  }
  if (text != vision) {
    refuse_json_beside(file, "its two towers have different activations, which is not supported",
                       advice_on(text));
  }
  said.metadata["activation"] = text;
  said.notes.push_back(fmt::format("The activation is taken from {}.", file.filename().string()));
}

// A number that the configuration gives and the tensors show too.
void check_size(const fs::path& file, const json* said, const StateDict& weights,
                std::string_view tensor, int64_t axis, const char* what) {
  const auto* shown_by = weights.find(tensor);
  if (said == nullptr || !said->is_number_unsigned() || shown_by == nullptr ||
      axis >= shown_by->dim()) {
    return;
  }
  if (said->get<std::uint64_t>() != static_cast<std::uint64_t>(shown_by->size(axis))) {
    refuse_config(file, fmt::format("it belongs to another model: {} {}, but {} by the tensors",
                                    what, said->get<std::uint64_t>(), shown_by->size(axis)));
  }
}

void read_hugging_face(const fs::path& folder, const StateDict& weights,
                       PublishedClipConfig& said) {
  const auto file = folder / "config.json";
  if (const auto config = read_json_beside(file, kWithoutIt)) {
    if (at_keys(*config, {"vision_config"}) == nullptr)
      refuse_config(file, "it does not describe a CLIP");
    check_size(file, at_keys(*config, {"vision_config", "hidden_size"}), weights,
               "visual.conv1.weight", 0, "its image tower's width is");
    check_size(file, at_keys(*config, {"text_config", "hidden_size"}), weights, "ln_final.weight",
               0, "its text tower's width is");
    check_size(file, at_keys(*config, {"projection_dim"}), weights, "text_projection", 1,
               "its embedding's length is");
    take_hidden_act(file, *config, weights, said);
    take_heads(file, at_keys(*config, {"vision_config", "num_attention_heads"}), weights,
               "visual.conv1.weight", "vision_heads", said);
    take_heads(file, at_keys(*config, {"text_config", "num_attention_heads"}), weights,
               "ln_final.weight", "text_heads", said);
  }
  const auto preprocessor = folder / "preprocessor_config.json";
  if (const auto config = read_json_beside(preprocessor, kWithoutIt)) {
    take_normalisation(preprocessor, at_keys(*config, {"image_mean"}),
                       at_keys(*config, {"image_std"}), said);
  }
}

void take_heads_of_width(const json* tower, const char* key, PublishedClipConfig& said) {
  if (tower == nullptr) return;
  const auto* width = at_keys(*tower, {"width"});
  const auto* head = at_keys(*tower, {"head_width"});
  if (width == nullptr || head == nullptr || !width->is_number_unsigned() ||
      !head->is_number_unsigned() || head->get<std::uint64_t>() == 0) {
    return;
  }
  said.metadata[key] = std::to_string(width->get<std::uint64_t>() / head->get<std::uint64_t>());
}

void read_open_clip(const fs::path& file, const json& config, const StateDict& weights,
                    PublishedClipConfig& said) {
  said.is_open_clip = true;
  if (at_keys(config, {"model_cfg"}) == nullptr) refuse_config(file, "it does not describe a CLIP");
  check_size(file, at_keys(config, {"model_cfg", "embed_dim"}), weights, "text_projection", 1,
             "its embedding's length is");
  if (weights.contains("visual.proj")) {
    check_size(file, at_keys(config, {"model_cfg", "vision_cfg", "width"}), weights,
               "visual.conv1.weight", 0, "its image tower's width is");
  }
  const auto* quick = at_keys(config, {"model_cfg", "quick_gelu"});
  const bool is_quick = quick != nullptr && quick->is_boolean() && quick->get<bool>();
  if (!weights.metadata("activation")) {
    said.metadata["activation"] = is_quick ? "quick_gelu" : "gelu";
    said.notes.push_back(fmt::format("The activation is taken from {}.", file.filename().string()));
  }
  take_heads_of_width(at_keys(config, {"model_cfg", "vision_cfg"}), "vision_heads", said);
  take_heads(file, at_keys(config, {"model_cfg", "text_cfg", "heads"}), weights, "ln_final.weight",
             "text_heads", said);
  take_normalisation(file, at_keys(config, {"preprocess_cfg", "mean"}),
                     at_keys(config, {"preprocess_cfg", "std"}), said);
}

}  // namespace

PublishedClipConfig read_published_clip_config(const fs::path& folder, ClipNaming naming,
                                               const StateDict& weights) {
  PublishedClipConfig said;
  if (naming == ClipNaming::hugging_face) {
    read_hugging_face(folder, weights, said);
    return said;
  }
  const auto file = folder / "open_clip_config.json";
  if (const auto config = read_json_beside(file, kWithoutIt)) {
    read_open_clip(file, *config, weights, said);
  }
  return said;
}

}  // namespace latentreel::models
