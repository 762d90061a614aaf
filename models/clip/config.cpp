#include "models/clip/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <locale>
#include <optional>
#include <sstream>

#include "models/shape_reader.h"

// The rules of models.md section 1.9. Heads are 64 wide in every model that OpenAI published.

namespace latentreel::models {
namespace {

constexpr int64_t kHeadWidth = 64;

// Heads of a tower `width` wide: what the metadata `key` says, else counted as OpenAI's models have
// them.
int64_t heads_of(const ShapeReader& shapes, std::string_view name, int64_t width,
                 const char* key = nullptr) {
  if (const auto said = key != nullptr ? shapes.metadata_count(key) : std::nullopt) {
    shapes.require(width % *said == 0, name,
                   fmt::format("is {} wide, which cannot be divided among {} heads", width, *said));
    return *said;
  }
  shapes.require(
      width % kHeadWidth == 0, name,
      fmt::format("is {} wide, not a multiple of an attention head's {}", width, kHeadWidth));
  return width / kHeadWidth;
}

// Four times the width, save in open_clip's largest models.
int64_t hidden_of(const ShapeReader& shapes, const char* tower) {
  return shapes.size(fmt::format("{}resblocks.0.mlp.c_fc.weight", tower), 2, 0);
}

// The side of a square grid whose positional table has `rows` rows, one for the extra token.
int64_t grid_of(const ShapeReader& shapes, std::string_view name) {
  const auto rows = shapes.size(name, 2, 0);
  const auto side = std::llround(std::sqrt(static_cast<double>(rows - 1)));
  shapes.require(side > 0 && side * side + 1 == rows, name,
                 fmt::format("has {} rows, which is not a square grid plus one", rows));
  return side;
}

void infer_vit(const ShapeReader& shapes, ClipConfig& config) {
  config.tower = ClipConfig::Tower::vit;
  config.patch = shapes.size("visual.conv1.weight", 4, 3);
  config.vision.width = shapes.size("visual.conv1.weight", 4, 0);
  config.vision.layers = shapes.count_numbered("visual.transformer.resblocks.");
  config.vision.heads =
      heads_of(shapes, "visual.conv1.weight", config.vision.width, "vision_heads");
  config.vision.hidden = hidden_of(shapes, "visual.transformer.");
  config.resolution = config.patch * grid_of(shapes, "visual.positional_embedding");
  config.embed_dim = shapes.size("visual.proj", 2, 1);
}

void infer_resnet(const ShapeReader& shapes, ClipConfig& config) {
  config.tower = ClipConfig::Tower::resnet;
  config.width = shapes.size("visual.layer1.0.conv1.weight", 4, 0);
  for (int stage = 1; stage <= 4; ++stage) {
    const auto prefix = fmt::format("visual.layer{}.", stage);
    config.stages.push_back(shapes.count_numbered(prefix));
    shapes.require(config.stages.back() > 0, prefix, "is missing");
  }
  config.resolution = 32 * grid_of(shapes, "visual.attnpool.positional_embedding");
  config.pool_heads = heads_of(shapes, "visual.attnpool.positional_embedding", 32 * config.width);
  config.embed_dim = shapes.size("visual.attnpool.c_proj.weight", 2, 0);
}

Activation activation_of(const StateDict& weights, const ShapeReader& shapes) {
  const auto said = weights.metadata("activation");
  if (!said || *said == "quick_gelu") return Activation::quick_gelu;
  shapes.require(*said == "gelu", "activation", "metadata is neither quick_gelu nor gelu");
  return Activation::exact_gelu;
}

// Three numbers with blanks between them.
void take_normalisation(const StateDict& weights, const ShapeReader& shapes, const char* key,
                        std::vector<double>& values) {
  const auto said = weights.metadata(key);
  if (!said) return;
  std::istringstream text(*said);
  text.imbue(std::locale::classic());
  double rest = 0;
  for (auto& value : values) {
    text >> value;
    shapes.require(!text || std::isfinite(value), key,
                   "metadata holds something that is not a number");
  }
  shapes.require(text && !(text >> rest), key, "metadata is not three numbers");
}

}  // namespace

ClipConfig infer_clip_config(const StateDict& weights) {
  const ShapeReader shapes(weights, "a CLIP model");
  ClipConfig config;
  if (weights.contains("visual.proj")) {
    infer_vit(shapes, config);
  } else {
    infer_resnet(shapes, config);
  }
  config.text.activation = config.vision.activation = activation_of(weights, shapes);
  take_normalisation(weights, shapes, "image_mean", config.mean);
  take_normalisation(weights, shapes, "image_std", config.std);
  shapes.require(*std::min_element(config.std.begin(), config.std.end()) > 0, "image_std",
                 "metadata holds a deviation that is not positive");
  config.context = shapes.size("positional_embedding", 2, 0);
  config.vocabulary = shapes.size("token_embedding.weight", 2, 0);
  config.text.width = shapes.size("ln_final.weight", 1, 0);
  config.text.layers = shapes.count_numbered("transformer.resblocks.");
  config.text.hidden = hidden_of(shapes, "transformer.");
  config.text.heads = heads_of(shapes, "ln_final.weight", config.text.width, "text_heads");
  shapes.require(shapes.size("text_projection", 2, 1) == config.embed_dim, "text_projection",
                 fmt::format("does not match the image tower's {} numbers", config.embed_dim));
  return config;
}

}  // namespace latentreel::models
