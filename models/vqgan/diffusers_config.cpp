#include "models/vqgan/diffusers_config.h"

#include <fmt/format.h>

#include <cstdint>
#include <string_view>

#include "models/files/error.h"
#include "models/files/json_file.h"

namespace latentreel::models {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kGroupsAreAssumed =
    "Fetch the config.json that belongs to it, or move this one away: 32 normalisation groups are "
    "assumed then, and the shapes say everything else.";

// Text of the configuration, or what stands for it where there is none.
std::string text_or(const json& config, const char* key, const char* otherwise) {
  const auto* value = at_keys(config, {key});
  return value != nullptr && value->is_string() ? value->get<std::string>() : otherwise;
}

void check_kind(const fs::path& file, const json& config) {
  const auto kind = text_or(config, "_class_name", "VQModel");
  if (kind != "VQModel") {
    refuse_json_beside(file, "it describes another network, " + shown(kind), kGroupsAreAssumed);
  }
  const auto activation = text_or(config, "act_fn", "silu");
  if (activation != "silu" && activation != "swish") {
    refuse_json_beside(file,
                       "its activation is " + shown(activation) +
                           ", where latentreel computes that of taming-transformers, silu",
                       "Use another model.");
  }
}

void check_vq_size(const fs::path& file, const json& config, const char* key,
                   const StateDict& weights, std::string_view name, std::int64_t axis) {
  const auto* said = at_keys(config, {key});
  const auto* tensor = weights.find(name);
  if (said == nullptr || !said->is_number_unsigned() || tensor == nullptr ||
      axis >= tensor->dim()) {
    return;
  }
  const auto size = static_cast<std::uint64_t>(tensor->size(axis));
  if (said->get<std::uint64_t>() == size) return;
  refuse_json_beside(file,
                     fmt::format("it belongs to another model: {} is {}, but {} by the tensors",
                                 key, said->get<std::uint64_t>(), size),
                     kGroupsAreAssumed);
}

}  // namespace

DiffusersConfig read_diffusers_config(const fs::path& folder, const StateDict& weights) {
  DiffusersConfig said;
  const auto file = folder / "config.json";
  const auto config = read_json_beside(file, kGroupsAreAssumed);
  if (!config) {
    said.notes.emplace_back(
        "There is no config.json beside it: 32 normalisation groups are assumed.");
    return said;
  }
  check_kind(file, *config);
  check_vq_size(file, *config, "num_vq_embeddings", weights, "quantize.embedding.weight", 0);
  check_vq_size(file, *config, "latent_channels", weights, "quant_conv.weight", 1);
  check_vq_size(file, *config, "vq_embed_dim", weights, "quant_conv.weight", 0);
  if (const auto* groups = at_keys(*config, {"norm_num_groups"})) {
    if (!groups->is_number_unsigned() || groups->get<std::uint64_t>() == 0) {
      refuse_json_beside(file, "its norm_num_groups are not a positive number", kGroupsAreAssumed);
    }
    said.metadata["num_groups"] = std::to_string(groups->get<std::uint64_t>());
    said.notes.emplace_back("The number of normalisation groups is taken from config.json.");
  }
  return said;
}

}  // namespace latentreel::models
