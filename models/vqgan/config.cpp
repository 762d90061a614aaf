#include "models/vqgan/config.h"

#include <fmt/format.h>

#include "models/shape_reader.h"

// The rules of models.md section 3.5: everything follows from shapes, save the number of groups.

namespace latentreel::models {
namespace {

constexpr int64_t kMostLevels = 10;

std::string last_conv_of_level(const ShapeReader& shapes, int64_t level) {
  const auto blocks = shapes.count_numbered(fmt::format("encoder.down.{}.block.", level));
  return fmt::format("encoder.down.{}.block.{}.conv2.weight", level, blocks - 1);
}

}  // namespace

VqganConfig infer_vqgan_config(const StateDict& weights) {
  const ShapeReader shapes(weights, "a VQGAN");
  VqganConfig config;
  config.channels = shapes.size("encoder.conv_in.weight", 4, 0);
  config.in_channels = shapes.size("encoder.conv_in.weight", 4, 1);
  config.out_channels = shapes.size("decoder.conv_out.weight", 4, 0);
  config.embed_dim = shapes.size("quant_conv.weight", 4, 0);
  config.z_channels = shapes.size("quant_conv.weight", 4, 1);
  config.double_z = shapes.size("encoder.conv_out.weight", 4, 0) == 2 * config.z_channels;
  config.gumbel = weights.contains("quantize.embed.weight");
  config.codes =
      shapes.size(config.gumbel ? "quantize.embed.weight" : "quantize.embedding.weight", 2, 0);
  config.middle_attention =
      weights.has_below("encoder.mid.attn_1.") || weights.has_below("decoder.mid.attn_1.");
  config.groups = shapes.metadata_count("num_groups").value_or(config.groups);

  const auto levels = shapes.count_numbered("encoder.down.");
  shapes.require(levels >= 1 && levels <= kMostLevels, "encoder.down.",
                 fmt::format("has {} levels; it should have 1 to {}", levels, kMostLevels));
  config.residual_blocks = shapes.count_numbered("encoder.down.0.block.");
  config.multipliers.clear();
  for (int64_t level = 0; level < levels; ++level) {
    const auto conv = last_conv_of_level(shapes, level);
    const auto width = shapes.size(conv, 4, 0);
    shapes.require(width % config.channels == 0, conv,
                   fmt::format("is {} wide, not a multiple of {}", width, config.channels));
    shapes.require(width % config.groups == 0, conv,
                   fmt::format("is {} wide, which cannot be divided among {} normalisation groups",
                               width, config.groups));
    config.multipliers.push_back(width / config.channels);
    config.attention.push_back(weights.has_below(fmt::format("encoder.down.{}.attn.", level)));
  }
  shapes.require(config.channels % config.groups == 0, "encoder.conv_in.weight",
                 fmt::format("is {} wide, which cannot be divided among {} normalisation groups",
                             config.channels, config.groups));
  return config;
}

}  // namespace latentreel::models
