#include "models/vqgan/diffusers_names.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "models/files/error.h"

namespace latentreel::models {
namespace {

constexpr std::int64_t kMostUpBlocks = 1000;

// Parts of names, in the order in which they are looked for.
constexpr std::array kParts = std::to_array<std::pair<std::string_view, std::string_view>>({
    {".mid_block.resnets.0.", ".mid.block_1."},
    {".mid_block.resnets.1.", ".mid.block_2."},
    {".mid_block.attentions.0.", ".mid.attn_1."},
    {".down_blocks.", ".down."},
    {".resnets.", ".block."},
    {".attentions.", ".attn."},
    {".downsamplers.0.", ".downsample."},
    {".upsamplers.0.", ".upsample."},
    {".conv_shortcut.", ".nin_shortcut."},
    {".conv_norm_out.", ".norm_out."},
    {".group_norm.", ".norm."},
    {".to_q.", ".q."},
    {".to_k.", ".k."},
    {".to_v.", ".v."},
    {".to_out.0.", ".proj_out."},
    {".query.", ".q."},  // these four before 2023
    {".key.", ".k."},
    {".value.", ".v."},
    {".proj_attn.", ".proj_out."},
});

constexpr std::string_view kUpBlocks = "decoder.up_blocks.";

std::int64_t count_up_blocks(const StateDict& given) {
  std::int64_t count = 0;
  while (count < kMostUpBlocks && given.has_below(fmt::format("{}{}.", kUpBlocks, count))) ++count;
  return count;
}

// "decoder.up_blocks.0.…" of three -> "decoder.up.2.…"
std::string with_level(const std::string& name, std::int64_t levels) {
  if (!name.starts_with(kUpBlocks)) return name;
  std::int64_t block = -1;
  const auto* begin = name.data() + kUpBlocks.size();
  const auto [end, error] = std::from_chars(begin, name.data() + name.size(), block);
  if (error != std::errc() || block < 0 || block >= levels) return name;
  return fmt::format("decoder.up.{}{}", levels - 1 - block, end);
}

std::string taming_name(const std::string& theirs, std::int64_t levels) {
  auto name = with_level(theirs, levels);
  for (const auto& [part, ours] : kParts) {
    if (const auto at = name.find(part); at != name.npos) name.replace(at, part.size(), ours);
  }
  return name;
}

// The matrix of an attention's projection is a 1x1 convolution.
at::Tensor as_convolution(const std::string& name, const at::Tensor& tensor) {
  const bool is_attention = name.find(".attn") != name.npos && name.ends_with(".weight");
  return is_attention && tensor.dim() == 2 ? tensor.unsqueeze(2).unsqueeze(3) : tensor;
}

}  // namespace

StateDict with_taming_names(const StateDict& given) {
  const auto levels = count_up_blocks(given);
  StateDict::Tensors tensors;
  for (const auto& [theirs, tensor] : given.tensors()) {
    auto name = taming_name(theirs, levels);
    auto ours = as_convolution(name, tensor);
    if (tensors.emplace(std::move(name), std::move(ours)).second) continue;
    throw WeightsError(WeightsError::Kind::invalid,
                       {.doing = "opening the VQGAN " + given.source().string(),
                        .tensor = theirs,
                        .problem = "another tensor of the file stands for the same part",
                        .advice = "The file is damaged or was made to do harm; fetch it again."});
  }
  return given.with_tensors(std::move(tensors));
}

}  // namespace latentreel::models
