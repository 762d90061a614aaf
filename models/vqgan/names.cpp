#include "models/vqgan/names.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "models/files/weights_file.h"

namespace latentreel::models {
namespace {

bool belongs_to_vqgan(std::string_view name) {
  constexpr std::array<std::string_view, 4> kBelow = {"encoder.", "decoder.", "quant_conv.",
                                                      "post_quant_conv."};
  // Of the quantizer: not the counts of codebooks learnt by averages, nor remapping tables.
  constexpr std::array<std::string_view, 4> kExact = {"quantize.embedding.weight",
                                                      "quantize.embed.weight",
                                                      "quantize.proj.weight", "quantize.proj.bias"};
  return std::find(kExact.begin(), kExact.end(), name) != kExact.end() ||
         std::any_of(kBelow.begin(), kBelow.end(),
                     [name](auto start) { return name.starts_with(start); });
}

}  // namespace

std::optional<std::string> vqgan_prefix(const WeightsFile& file) {
  for (const std::string prefix : {"", "first_stage_model.", "module."}) {
    if (file.contains(prefix + "decoder.conv_in.weight") && file.has_below(prefix + "quantize.")) {
      return prefix;
    }
  }
  return std::nullopt;
}

TakenVqgan take_vqgan(const WeightsFile& file, const std::string& prefix) {
  const auto taken = file.take([&](std::string_view name) {
    return name.starts_with(prefix) && belongs_to_vqgan(name.substr(prefix.size()));
  });
  return {.weights = taken.below(prefix), .left_out = file.names().size() - taken.size()};
}

}  // namespace latentreel::models
