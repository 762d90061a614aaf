#include "src/train/stages/initial_values.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>
#include <torch/nn/module.h>

#include <cmath>
#include <string>

#include "models/placement.h"

namespace latentreel::training {
namespace {

// FNV-1a: a number for a name, the same everywhere.
uint64_t number_of(const std::string& name) {
  uint64_t number = 0xcbf29ce484222325;
  for (const unsigned char c : name) number = (number ^ c) * 0x100000001b3;
  return number;
}

bool ends(const std::string& name, std::string_view end) {
  return std::string_view(name).ends_with(end);
}

// The standard deviation of a fresh parameter of two dimensions or more.
double deviation(const std::string& name, const at::Tensor& value) {
  const auto inputs = static_cast<double>(value[0].numel());
  if (ends(name, "positional_embedding")) return name.find("attnpool") == name.npos ? 0.01 : 0.1;
  if (name == "token_embedding.weight") return 0.02;
  if (name == "text_projection") return 1 / std::sqrt(static_cast<double>(value.size(0)));
  if (ends(name, "quantize.embedding.weight")) return 1 / std::sqrt(inputs);
  // What a transformer adds to its stream begins small, so that deep ones begin calm.
  if (ends(name, "out_proj.weight") || ends(name, "mlp.c_proj.weight"))
    return 0.5 / std::sqrt(inputs);
  if (name.find("resblocks") != name.npos || name.find("attnpool") != name.npos) {
    return 1 / std::sqrt(inputs);
  }
  return std::sqrt(2 / inputs);
}

}  // namespace

void fill(torch::nn::Module& network, uint64_t seed) {
  const at::NoGradGuard no_gradient;
  for (const auto& item : network.named_parameters()) {
    const auto& name = item.key();
    auto value = item.value();
    if (name == "logit_scale") {
      value.fill_(std::log(1 / 0.07));  // CLIP's own start
    } else if (value.dim() >= 2) {
      auto generator = at::detail::createCPUGenerator(seed ^ number_of(name));
      value.copy_(at::randn(value.sizes(), generator).mul_(deviation(name, value)));
    } else {
      value.fill_(ends(name, "weight") ? 1 : 0);
    }
  }
  for (const auto& item : network.named_buffers()) {
    item.value().fill_(ends(item.key(), "running_var") ? 1 : 0);
  }
}

void place(torch::nn::Module& network, at::Device device) {
  const at::NoGradGuard no_gradient;
  network.to(device);
  const auto format = models::Placement{device, at::kFloat}.picture_format();
  for (auto& parameter : network.parameters()) {
    if (parameter.dim() == 4) parameter.set_data(parameter.contiguous(format));
  }
}

}  // namespace latentreel::training
