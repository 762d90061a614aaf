#include "models/vqgan/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "models/files/error.h"
#include "models/files/weights_file.h"
#include "models/prefixes.h"
#include "models/vqgan/diffusers_names.h"

namespace latentreel::models {
namespace {

constexpr std::string_view kDecoderBegins = "decoder.conv_in.weight";

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

bool has_diffusers_names(const WeightsFile& file, const std::string& prefix) {
  return file.has_below(prefix + "decoder.up_blocks.") ||
         file.has_below(prefix + "encoder.down_blocks.");
}

// MoVQ (Zheng et al. 2022) normalises by the codes: two convolutions beside every norm of its
// decoder.
bool is_movq(const WeightsFile& file, const std::string& prefix) {
  const auto names = file.names();
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
    return name.starts_with(prefix + "decoder.") && name.ends_with(".conv_y.weight");
  });
}

}  // namespace

std::string words(VqganNaming naming) {
  return naming == VqganNaming::diffusers ? "diffusers" : "taming-transformers";
}

std::vector<VqganPlace> find_vqgans(const WeightsFile& file) {
  std::vector<VqganPlace> places;
  for (auto& prefix : prefixes_of(file, kDecoderBegins)) {
    if (!file.has_below(prefix + "quantize.") || is_movq(file, prefix)) continue;
    const auto naming =
        has_diffusers_names(file, prefix) ? VqganNaming::diffusers : VqganNaming::taming;
    places.push_back({.naming = naming, .prefix = std::move(prefix)});
  }
  return places;
}

std::optional<std::string> near_vqgan(const WeightsFile& file) {
  for (const auto& prefix : prefixes_of(file, kDecoderBegins)) {
    if (is_movq(file, prefix)) {
      return "it is a MoVQ (as of Kandinsky), whose decoder normalises by the codes, not a VQGAN";
    }
    if (!file.has_below(prefix + "quantize.")) {
      return "it is an autoencoder without a codebook (a KL autoencoder, as of Stable Diffusion), "
             "not a VQGAN";
    }
  }
  return std::nullopt;
}

TakenVqgan take_vqgan(const WeightsFile& file, const VqganPlace& place) {
  const auto taken = file.take([&](std::string_view name) {
    return name.starts_with(place.prefix) && belongs_to_vqgan(name.substr(place.prefix.size()));
  });
  auto weights = taken.below(place.prefix);
  if (place.naming == VqganNaming::diffusers) weights = with_taming_names(weights);
  return {.weights = std::move(weights), .left_out = file.names().size() - taken.size()};
}

}  // namespace latentreel::models
