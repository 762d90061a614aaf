#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "models/clip/clip.h"
#include "models/clip/tokenizer.h"
#include "models/vqgan/vqgan.h"
#include "src/train/stages/attack.h"
#include "src/train/stages/clip_stage.h"
#include "src/train/stages/codebook.h"
#include "src/train/stages/dataset.h"
#include "src/train/stages/merges.h"
#include "src/train/stages/vqgan_stage.h"
#include "src/train/world/grounds.h"
#include "tests/train/stages/small_stages.h"

// The stages on pictures of one flat colour: small enough to see in seconds that they learn, and
// that what they leave are networks that the renderer opens.

namespace latentreel::training {
namespace {

using testing::clip_settings;
using testing::flat_pairs;
using testing::flat_pictures;
using testing::kColours;
using testing::loop_settings;
using testing::small_vqgan;
using testing::tokens_of;
using testing::vqgan_settings;

VqganStage vqgan_stage(bool bfloat16 = false, double plain_part = 0.15,
                       models::VqganConfig config = small_vqgan()) {
  auto settings = vqgan_settings();
  settings.config = std::move(config);
  settings.bfloat16 = bfloat16;
  settings.plain_part = plain_part;
  return VqganStage(std::move(settings), flat_pictures, flat_pictures);
}

// Trains from one step to another of `all`.
void train(Stage& stage, int64_t from, int64_t to, int64_t all) {
  for (auto i = from; i < to; ++i) {
    stage.step(i, static_cast<double>(i) / static_cast<double>(all));
  }
}

TEST(VqganStage, LearnsToGivePicturesBack) {
  auto stage = vqgan_stage();
  const auto before = stage.test().at("psnr");
  train(stage, 0, 150, 150);
  const auto after = stage.test().at("psnr");
  EXPECT_GT(after, before + 5);
  const models::Vqgan vqgan(stage.result());
  EXPECT_EQ(vqgan.config().codes, 16);
  EXPECT_EQ(vqgan.config().groups, 4);
}

TEST(VqganStage, LearnsInBfloat16Too) {
  auto stage = vqgan_stage(true);
  const auto before = stage.test().at("psnr");
  train(stage, 0, 100, 100);
  EXPECT_GT(stage.test().at("psnr"), before + 3);
  for (const auto& [name, tensor] : stage.state()) {
    if (tensor.is_floating_point()) {
      EXPECT_EQ(tensor.scalar_type(), at::kFloat) << name;
    }
  }
}

TEST(VqganStage, BeginsWithAnEarlierNetwork) {
  auto stage = vqgan_stage();
  train(stage, 0, 60, 60);
  auto next = vqgan_stage(false, 0);
  next.begin_with(stage.result());
  EXPECT_EQ(next.test().at("psnr"), stage.test().at("psnr"));  // its codebook is in use at once
  next.step(0, 0);
  EXPECT_FALSE(at::equal(next.result().at("decoder.conv_in.weight"),
                         stage.result().at("decoder.conv_in.weight")));
}

// What is new in it changes nothing at first; its larger codebook begins with the next step.
TEST(VqganStage, MakesASmallerNetworkAsLarge) {
  auto stage = vqgan_stage();
  train(stage, 0, 60, 60);
  auto larger = small_vqgan();
  larger.residual_blocks = 2;
  larger.attention = {false, true};
  larger.codes = 32;
  auto next = vqgan_stage(false, 0, larger);
  next.begin_with(stage.result());
  EXPECT_EQ(next.test().at("raw"), stage.test().at("raw"));
  EXPECT_EQ(next.step(0, 0).count("used"), 1u);
  EXPECT_EQ(models::Vqgan(next.result()).config().codes, 32);

  auto smaller = vqgan_stage();
  EXPECT_THROW(smaller.begin_with(next.result()), models::WeightsError);
}

// The network that is measured and kept is an average of many steps', of its codes as well: those
// from before there were any have no part in it.
TEST(VqganStage, BeginsItsCodebookWithTheLatents) {
  auto stage = vqgan_stage();
  train(stage, 0, 60, 400);
  EXPECT_EQ(stage.step(60, 0.15).count("used"), 1u);
  const auto test = stage.test();
  EXPECT_GT(test.at("psnr"), test.at("raw") - 3);
}

TEST(VqganStage, GoesOnToTheSameBits) {
  auto whole = vqgan_stage();
  train(whole, 0, 30, 30);
  auto first = vqgan_stage();
  train(first, 0, 11, 30);
  auto second = vqgan_stage();
  second.restore(models::StateDict(first.state()));
  train(second, 11, 30, 30);
  const auto a = whole.result(), b = second.result();
  for (const auto& [name, tensor] : a.tensors()) EXPECT_TRUE(at::equal(tensor, b.at(name))) << name;
}

// ---- CLIP ---------------------------------------------------------------------------------------

ClipStage clip_stage(std::optional<LoopNegatives> loop = std::nullopt) {
  return ClipStage(clip_settings(), flat_pairs, flat_pairs, tokens_of({0, 1, 2, 3}).unsqueeze(0),
                   std::move(loop));
}

LoopNegatives small_loop() {
  auto stage = vqgan_stage();
  train(stage, 0, 10, 40);
  return LoopNegatives(
      loop_settings(), [weights = stage.result()] { return models::Vqgan(weights); }, 32);
}

TEST(ClipStage, LearnsWhichCaptionBelongsToWhichPicture) {
  auto stage = clip_stage();
  train(stage, 0, 100, 250);  // plain pairs alone
  const auto test = stage.test();
  EXPECT_GT(test.at("retrieval"), 0.9);
  EXPECT_GT(test.at("named"), 0.9);
  EXPECT_GE(test.at("attacked"), 0);
  EXPECT_LE(test.at("attacked"), test.at("retrieval"));
  const models::Clip clip(stage.result());
  EXPECT_EQ(clip.config().resolution, 32);
}

TEST(ClipStage, GoesOnToTheSameBits) {
  auto whole = clip_stage(small_loop());
  train(whole, 0, 16, 16);
  auto first = clip_stage(small_loop());
  train(first, 0, 12, 16);
  auto second = clip_stage(small_loop());
  second.restore(models::StateDict(first.state()));
  train(second, 12, 16, 16);
  const auto a = whole.result(), b = second.result();
  for (const auto& [name, tensor] : a.tensors()) EXPECT_TRUE(at::equal(tensor, b.at(name))) << name;
}

// An earlier tower needs no plain pairs first: it is attacked, and meets the loop, at once.
TEST(ClipStage, BeginsWithAnEarlierNetwork) {
  auto stage = clip_stage();
  train(stage, 0, 40, 100);
  auto next = clip_stage(small_loop());
  next.begin_with(stage.result());
  EXPECT_EQ(next.test().at("retrieval"), stage.test().at("retrieval"));
  EXPECT_EQ(next.step(0, 0).count("loop"), 1u);
  EXPECT_EQ(clip_stage(small_loop()).step(0, 0).count("loop"), 0u);

  auto resumed = clip_stage(small_loop());
  resumed.restore(models::StateDict(next.state()));
  EXPECT_EQ(resumed.step(1, 0).count("loop"), 1u);
}

// ---- Parts --------------------------------------------------------------------------------------

TEST(Attack, LowersTheScoreWithinItsRadius) {
  const auto pictures = at::rand({3, 3, 8, 8}) * 0.5 + 0.25;
  const auto radius = at::tensor({0.0f, 0.5f, 2.0f});
  const auto score = [](const at::Tensor& x) { return x.flatten(1).sum(1); };
  const auto moved = attack(pictures, score, radius, 4);
  const auto distance = (moved - pictures).flatten(1).norm(2, 1);
  EXPECT_NEAR(distance[0].item<double>(), 0, 1e-6);
  EXPECT_NEAR(distance[1].item<double>(), 0.5, 1e-4);
  EXPECT_NEAR(distance[2].item<double>(), 2.0, 1e-3);
  const auto lower = score(pictures) - score(moved);
  EXPECT_GT(lower[2].item<double>(), lower[1].item<double>());
  EXPECT_GE(moved.min().item<double>(), 0);
  EXPECT_LE(moved.max().item<double>(), 1);
}

TEST(Cluster, FindsSeparateGroups) {
  const auto centres = at::tensor({0.0f, 0.0f, 10.0f, 0.0f, 0.0f, 10.0f}).view({3, 2});
  const auto points = (centres.repeat({100, 1}) + at::randn({300, 2}) * 0.1);
  const auto found = cluster(points, 3, 10, 1);
  const auto distance = at::cdist(centres, found);
  // Each of the three has one near it, where the draw began with one in each; never one that is far
  // from all.
  EXPECT_LT(std::get<0>(distance.min(0)).max().item<double>(), 8);
  EXPECT_TRUE(at::equal(found, cluster(points, 3, 10, 1)));
}

TEST(CodeUse, RevivesWhatNothingTakes) {
  CodeUse use(4);
  auto codebook = at::zeros({4, 2});
  for (int i = 0; i < 1000; ++i) use.count(at::tensor({0, 1}, at::kLong));
  EXPECT_DOUBLE_EQ(use.share(), 0.5);
  EXPECT_EQ(use.revive(codebook, at::ones({5, 2}), 1), 2);
  EXPECT_TRUE(at::equal(codebook,
                        at::tensor({0.0f, 0.0f, 0.0f, 0.0f, 1.0f, 1.0f, 1.0f, 1.0f}).view({4, 2})));
  EXPECT_EQ(use.revive(codebook, at::ones({5, 2}), 1), 0);
}

// Of many codes each is taken seldom.
TEST(CodeUse, MeasuresUseByThatOfTheOthers) {
  constexpr int64_t kCodes = 200;
  CodeUse use(kCodes);
  auto codebook = at::zeros({kCodes, 2});
  for (int64_t i = 0; i < 2000; ++i) use.count(at::full({1}, i % (kCodes / 2), at::kLong));
  EXPECT_DOUBLE_EQ(use.share(), 0.5);
  EXPECT_EQ(use.revive(codebook, at::ones({kCodes, 2}), 1), kCodes / 2);
}

// Those held out from training too: a prompt may name any of them.
TEST(Bank, HasEveryThingOnEveryGround) {
  std::set<std::pair<world::Thing, int>> shown;
  for (const auto& composition : bank_compositions()) {
    if (composition.things.size() != 1 || composition.things[0].colour) continue;
    shown.emplace(composition.things[0].thing, world::number_of(composition.ground));
  }
  EXPECT_EQ(shown.size(), static_cast<size_t>(world::kThings * world::kGrounds));
}

TEST(Merges, MakeEveryWordOneToken) {
  const std::vector<std::string> words{"a",      "red", "and",         "sand",
                                       "castle", "cat", "caterpillar", "reds"};
  const models::ClipTokenizer tokenizer(merges_for(words));
  for (const auto& word : words) EXPECT_EQ(tokenizer.encode(word).size(), 1u) << word;
  EXPECT_GT(tokenizer.encode("zebra").size(), 1u);
  EXPECT_EQ(merges_for(words), merges_for(words));
}

}  // namespace
}  // namespace latentreel::training
