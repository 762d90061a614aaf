#include "models/clip/names.h"

#include <ATen/ops/cat.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "models/files/error.h"
#include "models/files/weights_file.h"
#include "models/prefixes.h"

namespace latentreel::models {
namespace {

// What torch's DataParallel puts before all names.
constexpr std::string_view kParallel = "module.";
constexpr std::string_view kTokens = "token_embedding.weight";
constexpr std::string_view kHuggingFaceText = "text_model.embeddings.token_embedding.weight";
constexpr std::string_view kText = "text.";  // before the text tower in open_clip's newer models

[[noreturn]] void refuse_tensor(const std::filesystem::path& file, const std::string& tensor,
                                const std::string& problem) {
  throw WeightsError(WeightsError::Kind::invalid, {.doing = "opening the CLIP " + file.string(),
                                                   .tensor = tensor,
                                                   .problem = problem,
                                                   .advice = "Check that this is a CLIP model."});
}

// A linear layer [out, in] is the transpose of OpenAI's matrix.
at::Tensor transposed(const at::Tensor& matrix, const std::filesystem::path& file,
                      const std::string& name) {
  if (matrix.dim() != 2) {
    refuse_tensor(file, name, fmt::format("it has {} dimensions, not two", matrix.dim()));
  }
  return matrix.t();
}

// Takes "…text." off names of the text tower: "text.ln_final.weight" -> "ln_final.weight".
std::string_view without_text(std::string_view name) {
  if (name.starts_with(kText)) name.remove_prefix(kText.size());
  return name;
}

// Whether a tensor of OpenAI's naming is one of the two towers'. Counts kept by batch normalisation
// and the numbers that only describe the model are not needed.
bool belongs_to_clip(std::string_view name) {
  if (name.ends_with(".num_batches_tracked")) return false;
  constexpr std::array<std::string_view, 4> kExact = {"positional_embedding", "text_projection",
                                                      "text_projection.weight", "logit_scale"};
  constexpr std::array<std::string_view, 4> kBelow = {"visual.", "transformer.", "token_embedding.",
                                                      "ln_final."};
  return std::find(kExact.begin(), kExact.end(), name) != kExact.end() ||
         std::any_of(kBelow.begin(), kBelow.end(),
                     [name](auto start) { return name.starts_with(start); });
}

void refuse_other_towers(const WeightsFile& file, std::string_view prefix) {
  if (!file.has_below(fmt::format("{}visual.trunk.", prefix))) return;
  throw WeightsError(
      WeightsError::Kind::invalid,
      {.doing = "opening the CLIP " + file.path().string(),
       .tensor = fmt::format("{}visual.trunk.", prefix),
       .problem = "its image tower is one of timm's networks",
       .advice = "Only ViT and ModifiedResNet towers can be read; name such a model."});
}

TakenClip take_openai(const WeightsFile& file, std::string_view prefix) {
  refuse_other_towers(file, prefix);
  const auto own_name = [&](std::string_view name) {
    return name.starts_with(prefix) ? without_text(name.substr(prefix.size())) : std::string_view();
  };
  const auto taken =
      file.take([&](std::string_view name) { return belongs_to_clip(own_name(name)); });
  StateDict::Tensors tensors;
  for (const auto& [name, tensor] : taken.tensors()) {
    std::string own(own_name(name));
    auto value = tensor;
    if (own == "logit_scale") {
      value = tensor.squeeze();  // open_clip: also [1]
    } else if (own == "text_projection.weight") {
      own = "text_projection";
      value = transposed(tensor, file.path(), name);
    }
    if (!tensors.emplace(std::move(own), std::move(value)).second) {
      refuse_tensor(file.path(), name, "another tensor of the file stands for the same part");
    }
  }
  return {.weights = taken.with_tensors(std::move(tensors)),
          .left_out = file.names().size() - taken.size()};
}

// ---- Hugging Face -------------------------------------------------------------------------------

// Renames the tensors of one state dict to OpenAI's, tower by tower.
class HuggingFaceNames {
 public:
  // `most`: bytes of the files that these tensors are from.
  HuggingFaceNames(const StateDict& given, std::size_t most) : given_(given), most_(most) {}

  StateDict::Tensors renamed() {
    move("text_model.embeddings.token_embedding.weight", "token_embedding.weight");
    move("text_model.embeddings.position_embedding.weight", "positional_embedding");
    move_pair("text_model.final_layer_norm", "ln_final");
    move_layers("text_model.encoder.layers.", "transformer.resblocks.");
    transpose("text_projection.weight", "text_projection");

    move("vision_model.embeddings.class_embedding", "visual.class_embedding");
    move("vision_model.embeddings.patch_embedding.weight", "visual.conv1.weight");
    move("vision_model.embeddings.position_embedding.weight", "visual.positional_embedding");
    move_pair("vision_model.pre_layrnorm", "visual.ln_pre");  // spelt so
    move_pair("vision_model.post_layernorm", "visual.ln_post");
    move_layers("vision_model.encoder.layers.", "visual.transformer.resblocks.");
    transpose("visual_projection.weight", "visual.proj");

    put("logit_scale", take("logit_scale").squeeze());
    return std::move(result_);
  }

 private:
  const at::Tensor& take(const std::string& name) const { return given_.at(name); }
  void put(const std::string& name, at::Tensor tensor) { result_.emplace(name, std::move(tensor)); }
  void move(const std::string& from, const std::string& to) { put(to, take(from)); }
  void move_pair(const std::string& from, const std::string& to) {
    move(from + ".weight", to + ".weight");
    move(from + ".bias", to + ".bias");
  }
  void transpose(const std::string& from, const std::string& to) {
    put(to, transposed(take(from), given_.source(), from));
  }

  void move_layers(const std::string& from, const std::string& to) {
    for (int64_t i = 0; given_.has_below(fmt::format("{}{}.", from, i)); ++i) {
      const auto theirs = fmt::format("{}{}.", from, i);
      const auto ours = fmt::format("{}{}.", to, i);
      move_pair(theirs + "layer_norm1", ours + "ln_1");
      move_pair(theirs + "layer_norm2", ours + "ln_2");
      move_pair(theirs + "mlp.fc1", ours + "mlp.c_fc");
      move_pair(theirs + "mlp.fc2", ours + "mlp.c_proj");
      move_pair(theirs + "self_attn.out_proj", ours + "attn.out_proj");
      put(ours + "attn.in_proj_weight", packed(theirs, "weight"));
      put(ours + "attn.in_proj_bias", packed(theirs, "bias"));
    }
  }

  // Query, key and value are one matrix in OpenAI's files, in this order. They are the only tensors
  // that are copied: all of them together are not more than the file, or they are the same again
  // and again.
  at::Tensor packed(const std::string& layer, const std::string& kind) {
    std::vector<at::Tensor> parts;
    for (const auto* part : {"q", "k", "v"}) {
      const auto name = fmt::format("{}self_attn.{}_proj.{}", layer, part, kind);
      parts.push_back(take(name));
      if (parts.back().sizes() != parts.front().sizes() || parts.back().dim() < 1 ||
          parts.back().scalar_type() != parts.front().scalar_type()) {
        refuse_tensor(given_.source(), name,
                      "its shape or type differs from the others in its layer");
      }
      packed_ += parts.back().nbytes();
      if (packed_ > most_)
        refuse_tensor(given_.source(), name, "the file is smaller than its tensors");
    }
    return at::cat(parts, 0);
  }

  const StateDict& given_;
  std::size_t most_;  // bytes
  std::size_t packed_ = 0;
  StateDict::Tensors result_;
};

TakenClip take_hugging_face(const WeightsFile& file, std::string_view prefix) {
  const auto taken = file.take([prefix](std::string_view name) {
    if (!name.starts_with(prefix) || name.ends_with(".position_ids")) return false;
    name.remove_prefix(prefix.size());
    return name.starts_with("text_model.") || name.starts_with("vision_model.") ||
           name == "text_projection.weight" || name == "visual_projection.weight" ||
           name == "logit_scale";
  });
  const auto own = taken.below(prefix);
  return {.weights = own.with_tensors(HuggingFaceNames(own, file.bytes()).renamed()),
          .left_out = file.names().size() - taken.size()};
}

// Of OpenAI's naming or open_clip's: `before` is what stands before the tokens' embedding.
std::optional<ClipPlace> place_before_tokens(const WeightsFile& file, std::string before) {
  if (file.has_below(before + "visual.")) {
    // Only open_clip trains in parallel and saves that; OpenAI's files come without a prefix.
    const auto naming = before.ends_with(kParallel) ? ClipNaming::open_clip : ClipNaming::openai;
    return ClipPlace{.naming = naming, .prefix = std::move(before)};
  }
  if (!before.ends_with(kText)) return std::nullopt;
  before.erase(before.size() - kText.size());
  if (!file.has_below(before + "visual.")) return std::nullopt;
  return ClipPlace{.naming = ClipNaming::open_clip, .prefix = std::move(before)};
}

}  // namespace

std::string words(ClipNaming naming) {
  switch (naming) {
    case ClipNaming::openai:
      return "OpenAI";
    case ClipNaming::open_clip:
      return "open_clip";
    case ClipNaming::hugging_face:
      return "Hugging Face";
  }
  return {};
}

std::vector<ClipPlace> find_clips(const WeightsFile& file) {
  std::vector<ClipPlace> places;
  for (auto& prefix : prefixes_of(file, kHuggingFaceText)) {
    if (!file.has_below(prefix + "vision_model.")) continue;
    places.push_back({.naming = ClipNaming::hugging_face, .prefix = std::move(prefix)});
  }
  for (auto& before : prefixes_of(file, kTokens)) {
    if (auto place = place_before_tokens(file, std::move(before))) {
      places.push_back(std::move(*place));
    }
  }
  return places;
}

bool has_openai_numbers(const WeightsFile& file, const ClipPlace& place) {
  constexpr std::array kNumbers = {"input_resolution", "context_length", "vocab_size"};
  return place.naming == ClipNaming::openai &&
         std::all_of(kNumbers.begin(), kNumbers.end(),
                     [&](const char* name) { return file.contains(place.prefix + name); });
}

TakenClip take_clip(const WeightsFile& file, const ClipPlace& place) {
  if (place.naming == ClipNaming::hugging_face) return take_hugging_face(file, place.prefix);
  return take_openai(file, place.prefix);
}

}  // namespace latentreel::models
