#include "src/library/explain.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

#include "models/clip/config.h"
#include "models/vqgan/config.h"

namespace latentreel::library {
namespace {

using models::ClipConfig;
using models::Network;
using models::StateDict;
using models::VqganConfig;
using Rows = std::vector<std::pair<std::string, std::string>>;

std::string pictures(const ClipConfig& clip) {
  if (clip.tower == ClipConfig::Tower::resnet) {
    return fmt::format(
        "residual network with attention pooling: {} bottlenecks, {} wide, {} heads; "
        "{}x{} pixels",
        fmt::join(clip.stages, " + "), clip.width, clip.pool_heads, clip.resolution,
        clip.resolution);
  }
  return fmt::format(
      "vision transformer: {} layers {} wide, {} heads; {}x{} pixels in patches of {}",
      clip.vision.layers, clip.vision.width, clip.vision.heads, clip.resolution, clip.resolution,
      clip.patch);
}

std::string texts(const ClipConfig& clip) {
  return fmt::format("transformer: {} layers {} wide, {} heads; {} tokens of a vocabulary of {}",
                     clip.text.layers, clip.text.width, clip.text.heads, clip.context,
                     clip.vocabulary);
}

// Whether the file, or the family that it is of, says so; nothing can be seen in the tensors.
std::string how_known(const StateDict& weights, const char* key) {
  return weights.metadata(key) ? "as the file or its family says"
                               : "assumed: the file does not say";
}

std::string activation(const ClipConfig& clip, const StateDict& weights) {
  const bool quick = clip.text.activation == models::Activation::quick_gelu;
  return fmt::format("{} ({})", quick ? "QuickGELU" : "exact GELU",
                     how_known(weights, "activation"));
}

std::string normalisation(const ClipConfig& clip, const StateDict& weights) {
  return fmt::format("mean {:.4f}, deviation {:.4f} ({})", fmt::join(clip.mean, " "),
                     fmt::join(clip.std, " "), how_known(weights, "image_mean"));
}

void explain_clip(const StateDict& weights, Rows& rows) {
  const auto clip = models::infer_clip_config(weights);
  rows.emplace_back("pictures", pictures(clip));
  rows.emplace_back("texts", texts(clip));
  rows.emplace_back("embedding", fmt::format("{} numbers", clip.embed_dim));
  rows.emplace_back("activation", activation(clip, weights));
  rows.emplace_back("normalised", normalisation(clip, weights));
}

std::vector<std::int64_t> widths(const VqganConfig& vqgan) {
  std::vector<std::int64_t> widths;
  for (std::int64_t level = 0; level < vqgan.levels(); ++level)
    widths.push_back(vqgan.width(level));
  return widths;
}

void explain_vqgan(const StateDict& weights, Rows& rows) {
  const auto vqgan = models::infer_vqgan_config(weights);
  rows.emplace_back("cells", fmt::format("one every {} pixels", vqgan.factor()));
  rows.emplace_back("codebook", fmt::format("{} codes of {} numbers{}", vqgan.codes,
                                            vqgan.embed_dim, vqgan.gumbel ? " (Gumbel)" : ""));
  rows.emplace_back(
      "levels", fmt::format("{} wide, {} residual blocks each; {} groups",
                            fmt::join(widths(vqgan), ", "), vqgan.residual_blocks, vqgan.groups));
}

std::string type_name(at::ScalarType type) {
  switch (type) {
    case at::kFloat:
      return "float32";
    case at::kHalf:
      return "float16";
    case at::kBFloat16:
      return "bfloat16";
    case at::kDouble:
      return "float64";
    default:
      return c10::toString(type);
  }
}

// "151277313 in 302 tensors: 120 of float16, 182 of float32"
std::string parameters(const StateDict& weights) {
  std::int64_t numbers = 0;
  std::map<std::string, int> types;
  for (const auto& [name, tensor] : weights.tensors()) {
    numbers += tensor.numel();
    ++types[type_name(tensor.scalar_type())];
  }
  std::vector<std::string> counts;
  for (const auto& [type, count] : types) counts.push_back(fmt::format("{} of {}", count, type));
  return fmt::format("{} in {} tensors: {}", numbers, weights.size(), fmt::join(counts, ", "));
}

}  // namespace

Network network_of(ModelKind kind) {
  return kind == ModelKind::clip ? Network::clip : Network::vqgan;
}

ModelKind kind_of(Network network) {
  return network == Network::clip ? ModelKind::clip : ModelKind::vqgan;
}

Rows explain(const models::ModelFile& file, ModelKind kind) {
  Rows rows;
  rows.emplace_back("network", words(kind));
  rows.emplace_back("container", file.container);
  rows.emplace_back("names", file.naming);
  if (kind == ModelKind::clip) {
    explain_clip(file.weights, rows);
  } else {
    explain_vqgan(file.weights, rows);
  }
  rows.emplace_back("parameters", parameters(file.weights));
  for (const auto& note : file.notes) rows.emplace_back("note", note);
  for (const auto& warning : file.warnings) rows.emplace_back("warning", warning);
  return rows;
}

std::string in_brief(const StateDict& weights, ModelKind kind) {
  if (kind == ModelKind::vqgan) {
    const auto vqgan = models::infer_vqgan_config(weights);
    return fmt::format("a cell every {} pixels, {} codes{}", vqgan.factor(), vqgan.codes,
                       vqgan.gumbel ? " (Gumbel)" : "");
  }
  const auto clip = models::infer_clip_config(weights);
  if (clip.tower == ClipConfig::Tower::resnet) {
    return fmt::format("residual network, {0}x{0}", clip.resolution);
  }
  return fmt::format("vision transformer, {0}x{0} in patches of {1}", clip.resolution, clip.patch);
}

std::string architecture(const StateDict& weights, ModelKind kind) {
  if (kind == ModelKind::vqgan) {
    const auto vqgan = models::infer_vqgan_config(weights);
    return fmt::format("VQGAN, {} pixels a cell, {} codes of {} numbers{}", vqgan.factor(),
                       vqgan.codes, vqgan.embed_dim, vqgan.gumbel ? ", Gumbel" : "");
  }
  const auto clip = models::infer_clip_config(weights);
  return fmt::format("CLIP; pictures: {}; texts: {}", pictures(clip), texts(clip));
}

}  // namespace latentreel::library
