#include "models/clip/published_config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "models/files/error.h"
#include "models/files/mapped_file.h"

namespace latentreel::models {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t kLongestConfig = 1 << 20;

[[noreturn]] void refuse(const fs::path& file, const std::string& problem) {
  throw WeightsError(
      WeightsError::Kind::invalid,
      {.doing = "reading the model's configuration " + file.string(),
       .tensor = {},
       .problem = problem,
       .advice = "Fetch it again, or move it away: the tensors' shapes say the rest."});
}

// A file beside the model, or nothing where there is none. Only a bounded one is parsed, and no
// number of brackets makes the reader recurse: it reads with a stack of its own.
std::optional<json> read(const fs::path& file) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return std::nullopt;
  const auto mapped = MappedFile::open(file);
  const auto bytes = mapped->bytes();
  if (bytes.size() > kLongestConfig) refuse(file, "it is larger than any configuration");
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  auto config = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!config.is_object()) refuse(file, "it is not a JSON object");
  return config;
}

// What stands at a place, or nullptr.
const json* at(const json& object, std::initializer_list<const char*> keys) {
  const auto* value = &object;
  for (const auto* key : keys) {
    if (!value->is_object() || !value->contains(key)) return nullptr;
    value = &(*value)[key];
  }
  return value;
}

std::string three_numbers(const json& value, const fs::path& file, const char* key) {
  if (!value.is_array() || value.size() != 3)
    refuse(file, fmt::format("{} is not three numbers", key));
  std::vector<double> numbers;
  for (const auto& number : value) {
    if (!number.is_number())
      refuse(file, fmt::format("{} holds something that is not a number", key));
    numbers.push_back(number.get<double>());
  }
  return fmt::format("{}", fmt::join(numbers, " "));
}

void take_heads(const json* value, const char* key, PublishedClipConfig& said) {
  if (value != nullptr && value->is_number_unsigned()) {
    said.metadata[key] = std::to_string(value->get<std::uint64_t>());
  }
}

void take_normalisation(const fs::path& file, const json* mean, const json* std,
                        PublishedClipConfig& said) {
  if (mean == nullptr || std == nullptr) return;
  said.metadata["image_mean"] = three_numbers(*mean, file, "the mean");
  said.metadata["image_std"] = three_numbers(*std, file, "the standard deviation");
  said.notes.push_back(
      fmt::format("The normalisation of pictures is taken from {}.", file.filename().string()));
}

// Hugging Face names activations as its layers do; absent means OpenAI's.
void take_hidden_act(const fs::path& file, const json& config, PublishedClipConfig& said) {
  for (const auto* tower : {"text_config", "vision_config"}) {
    const auto* act = at(config, {tower, "hidden_act"});
    const auto text = act != nullptr && act->is_string() ? act->get<std::string>() : "quick_gelu";
    if (text != "quick_gelu" && text != "gelu") {
      refuse(file, fmt::format("its {} has the activation {}, which is not supported", tower,
                               shown(text)));
    }
    const auto [place, is_new] = said.metadata.emplace("activation", text);
    if (!is_new && place->second != text) {
      refuse(file, "its two towers have different activations, which is not supported");
    }
  }
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
    refuse(file, fmt::format("it belongs to another model: {} {}, but {} by the tensors", what,
                             said->get<std::uint64_t>(), shown_by->size(axis)));
  }
}

void read_hugging_face(const fs::path& folder, const StateDict& weights,
                       PublishedClipConfig& said) {
  const auto file = folder / "config.json";
  if (const auto config = read(file)) {
    if (at(*config, {"vision_config"}) == nullptr) refuse(file, "it does not describe a CLIP");
    check_size(file, at(*config, {"vision_config", "hidden_size"}), weights, "visual.conv1.weight",
               0, "its image tower's width is");
    check_size(file, at(*config, {"text_config", "hidden_size"}), weights, "ln_final.weight", 0,
               "its text tower's width is");
    check_size(file, at(*config, {"projection_dim"}), weights, "text_projection", 1,
               "its embedding's length is");
    take_hidden_act(file, *config, said);
    take_heads(at(*config, {"vision_config", "num_attention_heads"}), "vision_heads", said);
    take_heads(at(*config, {"text_config", "num_attention_heads"}), "text_heads", said);
  } else {
    said.notes.emplace_back(
        "There is no config.json beside it: the activation is assumed to be OpenAI's.");
  }
  const auto preprocessor = folder / "preprocessor_config.json";
  if (const auto config = read(preprocessor)) {
    take_normalisation(preprocessor, at(*config, {"image_mean"}), at(*config, {"image_std"}), said);
  }
}

void take_heads_of_width(const json* tower, const char* key, PublishedClipConfig& said) {
  if (tower == nullptr) return;
  const auto* width = at(*tower, {"width"});
  const auto* head = at(*tower, {"head_width"});
  if (width == nullptr || head == nullptr || !width->is_number_unsigned() ||
      !head->is_number_unsigned() || head->get<std::uint64_t>() == 0) {
    return;
  }
  said.metadata[key] = std::to_string(width->get<std::uint64_t>() / head->get<std::uint64_t>());
}

void read_open_clip(const fs::path& file, const json& config, const StateDict& weights,
                    PublishedClipConfig& said) {
  said.is_open_clip = true;
  if (at(config, {"model_cfg"}) == nullptr) refuse(file, "it does not describe a CLIP");
  check_size(file, at(config, {"model_cfg", "embed_dim"}), weights, "text_projection", 1,
             "its embedding's length is");
  if (weights.contains("visual.proj")) {
    check_size(file, at(config, {"model_cfg", "vision_cfg", "width"}), weights,
               "visual.conv1.weight", 0, "its image tower's width is");
  }
  const auto* quick = at(config, {"model_cfg", "quick_gelu"});
  const bool is_quick = quick != nullptr && quick->is_boolean() && quick->get<bool>();
  said.metadata["activation"] = is_quick ? "quick_gelu" : "gelu";
  said.notes.push_back(fmt::format("The activation is taken from {}.", file.filename().string()));
  take_heads_of_width(at(config, {"model_cfg", "vision_cfg"}), "vision_heads", said);
  take_heads(at(config, {"model_cfg", "text_cfg", "heads"}), "text_heads", said);
  take_normalisation(file, at(config, {"preprocess_cfg", "mean"}),
                     at(config, {"preprocess_cfg", "std"}), said);
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
  if (const auto config = read(file)) {
    read_open_clip(file, *config, weights, said);
  } else if (naming == ClipNaming::open_clip) {
    said.notes.emplace_back(
        "There is no open_clip_config.json beside it: the activation is assumed to be OpenAI's.");
  }
  return said;
}

}  // namespace latentreel::models
