#include "models/clip/names.h"

#include <ATen/ops/cat.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "models/files/error.h"
#include "models/files/weights_file.h"

namespace latentreel::models {
namespace {

constexpr std::string_view kParallel =
    "module.";  // what torch's DataParallel puts before all names
constexpr std::string_view kHuggingFaceText = "text_model.embeddings.token_embedding.weight";

std::string_view parallel_prefix(const WeightsFile& file) {
  return file.has_below(kParallel) ? kParallel : std::string_view();
}

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

bool contains(const WeightsFile& file, std::string_view prefix, std::string_view name) {
  return file.contains(fmt::format("{}{}", prefix, name));
}

// Takes "…text." off names of the text tower: "text.ln_final.weight" -> "ln_final.weight".
std::string_view without_text(std::string_view name) {
  constexpr std::string_view kText = "text.";
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
    const std::string own(own_name(name));
    if (own == "logit_scale") {
      tensors.emplace(own, tensor.squeeze());  // open_clip: also [1]
    } else if (own == "text_projection.weight") {
      tensors.emplace("text_projection", transposed(tensor, file.path(), name));
    } else {
      tensors.emplace(own, tensor);
    }
  }
  return {.weights = taken.with_tensors(std::move(tensors)),
          .left_out = file.names().size() - taken.size()};
}

// ---- Hugging Face -------------------------------------------------------------------------------

// Renames the tensors of one state dict to OpenAI's, tower by tower.
class HuggingFaceNames {
 public:
  explicit HuggingFaceNames(const StateDict& given)
      : given_(given), most_(std::filesystem::file_size(given.source())) {}

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
  std::uintmax_t most_;  // bytes
  std::uintmax_t packed_ = 0;
  StateDict::Tensors result_;
};

TakenClip take_hugging_face(const WeightsFile& file) {
  const auto taken = file.take([](std::string_view name) {
    return !name.ends_with(".position_ids") &&
           (name.starts_with("text_model.") || name.starts_with("vision_model.") ||
            name == "text_projection.weight" || name == "visual_projection.weight" ||
            name == "logit_scale");
  });
  return {.weights = taken.with_tensors(HuggingFaceNames(taken).renamed()),
          .left_out = file.names().size() - taken.size()};
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

std::optional<ClipNaming> clip_naming(const WeightsFile& file) {
  if (file.contains(kHuggingFaceText) && file.has_below("vision_model.")) {
    return ClipNaming::hugging_face;
  }
  const auto prefix = parallel_prefix(file);
  if (!file.has_below(fmt::format("{}visual.", prefix))) return std::nullopt;
  if (contains(file, prefix, "text.token_embedding.weight")) return ClipNaming::open_clip;
  if (!contains(file, prefix, "token_embedding.weight")) return std::nullopt;
  // Only open_clip trains in parallel and saves that; OpenAI's files come without a prefix.
  return prefix.empty() ? ClipNaming::openai : ClipNaming::open_clip;
}

TakenClip take_clip(const WeightsFile& file, ClipNaming naming) {
  if (naming == ClipNaming::hugging_face) return take_hugging_face(file);
  return take_openai(file, parallel_prefix(file));
}

}  // namespace latentreel::models
