#include "tests/train/stages/small_stages.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

namespace latentreel::training::testing {
namespace {

constexpr int64_t kContext = 6;

at::Tensor colour(int64_t index) {
  static const auto table =
      at::tensor({0.9f, 0.1f, 0.1f, 0.1f, 0.8f, 0.2f, 0.1f, 0.2f, 0.9f, 0.95f, 0.9f, 0.1f})
          .view({kColours, 3, 1, 1});
  return table[index];
}

}  // namespace

at::Tensor flat_pictures(uint64_t first, int64_t count, int64_t side) {
  std::vector<at::Tensor> pictures;
  for (int64_t i = 0; i < count; ++i) {
    const auto number = static_cast<int64_t>(first) + i;
    auto generator = at::detail::createCPUGenerator(static_cast<uint64_t>(number));
    const auto noise = at::randn({3, side, side}, generator) * 0.02;
    pictures.push_back((colour(number % kColours) + noise).clamp(0, 1));
  }
  return at::stack(pictures);
}

at::Tensor tokens_of(const std::vector<int64_t>& colours) {
  auto tokens = at::zeros({static_cast<int64_t>(colours.size()), kContext}, at::kLong);
  for (size_t i = 0; i < colours.size(); ++i) {
    const auto row = tokens[static_cast<int64_t>(i)];
    row[0] = 14;
    row[1] = colours[i] + 1;
    row[2] = 15;
  }
  return tokens;
}

Pairs flat_pairs(uint64_t first, int64_t count, int64_t side) {
  Pairs pairs;
  pairs.pictures = flat_pictures(first, count, side);
  std::vector<int64_t> colours;
  for (int64_t i = 0; i < count; ++i)
    colours.push_back((static_cast<int64_t>(first) + i) % kColours);
  pairs.tokens = tokens_of(colours);
  const auto labels = at::tensor(colours, at::kLong);
  pairs.positives = labels.unsqueeze(0) == labels.unsqueeze(1);
  pairs.labels["thing"] = labels;
  return pairs;
}

models::VqganConfig small_vqgan() {
  models::VqganConfig config;
  config.channels = 8;
  config.multipliers = {1, 2};
  config.attention = {false, false};
  config.residual_blocks = 1;
  config.z_channels = config.embed_dim = 4;
  config.codes = 16;
  config.groups = 4;
  return config;
}

VqganStage::Settings vqgan_settings() {
  return {
      .config = small_vqgan(), .seed = 3, .plain_part = 0.15, .side = 32, .batch = 8, .tested = 8};
}

ClipStage::Settings clip_settings() {
  ClipStage::Settings settings;
  settings.config.tower = models::ClipConfig::Tower::resnet;
  settings.config.resolution = 32;
  settings.config.embed_dim = 16;
  settings.config.stages = {1, 1, 1, 1};
  settings.config.width = 8;
  settings.config.pool_heads = 4;
  settings.config.context = kContext;
  settings.config.vocabulary = 16;
  settings.config.text = {.width = 64, .layers = 1, .heads = 1};
  settings.labels = {{"thing", kColours}};
  settings.batch = 16;
  settings.negatives = 4;
  settings.loop_drawn = 4;
  settings.loop_made = 4;
  settings.loop_every = 5;
  settings.tested = 16;
  settings.attack_from = 0.4;
  return settings;
}

LoopNegatives::Settings loop_settings() {
  return {.side = 32, .kept = 8, .cuts = 1, .fewest_steps = 2, .most_steps = 3};
}

}  // namespace latentreel::training::testing
