#include "src/optimize/keyframe_optimizer.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <limits>

#include "src/optimize/prompts.h"
#include "src/optimize/starts.h"
#include "src/run/error.h"
#include "tests/optimize/tiny_pair.h"

namespace latentreel::render {
namespace {

using testing::small_scene;
using testing::test_machine;
using testing::tiny_files;

constexpr RandomKey kOptimizerKey{.content = 11, .seed = 5};

ModelPack& pack() {
  static ModelPack models(tiny_files(), test_machine());
  return models;
}

scenes::Keyframe keyframe_with(const std::vector<scenes::Override>& overrides = {}) {
  return scenes::parse_scene(small_scene(), "test.toml", overrides).keyframes.front();
}

KeyframeOptimizer optimizer_for(const scenes::Keyframe& keyframe, int64_t chunk = 16) {
  const auto precision = keyframe.optimize.precision;
  const auto& loaded = pack().clips(precision).front();
  const Cutouts cutouts(keyframe.optimize, 64, kOptimizerKey);
  const auto start = make_start(keyframe, pack(), {8, 8}, kOptimizerKey, std::nullopt);
  std::vector<Guide> guides;
  guides.push_back({.encoder = loaded.clip.image(),
                    .weight = 1,
                    .objective = Objective(make_targets(keyframe, loaded, cutouts, 64, 64),
                                           keyframe.optimize.loss),
                    .cutouts = cutouts});
  return KeyframeOptimizer(pack().vqgan(precision), std::move(guides), keyframe.optimize,
                           start.latent, chunk);
}

void run(KeyframeOptimizer& optimizer) {
  const StopToken never;
  while (!optimizer.done()) optimizer.step(never);
}

TEST(KeyframeOptimizer, LowersTheLoss) {
  auto optimizer = optimizer_for(keyframe_with({{"optimize.iterations", "30"}}));
  run(optimizer);
  const auto& history = optimizer.history();
  ASSERT_EQ(history.size(), 30u);
  EXPECT_LT(history.back().smoothed, history.front().loss - 0.05);
}

TEST(KeyframeOptimizer, NIterationsAreNSteps) {
  auto optimizer = optimizer_for(keyframe_with({{"optimize.iterations", "4"}}));
  run(optimizer);
  EXPECT_EQ(optimizer.history().size(), 4u);
  EXPECT_TRUE(optimizer.done());
}

// Chunks change the order of sums and nothing else.
TEST(KeyframeOptimizer, ChunksOfAnySizeGiveTheSameGradient) {
  const auto keyframe =
      keyframe_with({{"optimize.cutouts", "7"}, {"optimize.precision", "float32"}});
  const StopToken never;
  std::vector<double> losses;
  std::vector<at::Tensor> gradients;
  for (const int64_t chunk : {1, 3, 7, 100}) {
    auto optimizer = optimizer_for(keyframe, chunk);
    optimizer.observe(
        [&](const GradientView& view) { gradients.push_back(view.z_gradient.clone()); });
    losses.push_back(optimizer.step(never).loss);
  }
  for (size_t i = 1; i < losses.size(); ++i) {
    EXPECT_NEAR(losses[i], losses[0], 1e-5);
    EXPECT_LE((gradients[i] - gradients[0]).norm().item<double>(),
              1e-4 * gradients[0].norm().item<double>());
  }
}

// The whole chain against plain autograd with every operator written out.
TEST(KeyframeOptimizer, GradientIsThatOfTheWholeChain) {
  const auto keyframe = keyframe_with({{"optimize.start_weight", "0.3"}});
  const auto& clip = pack().clips(keyframe.optimize.precision).front();
  const auto& vqgan = pack().vqgan(keyframe.optimize.precision);
  const StopToken never;
  auto optimizer = optimizer_for(keyframe, 2);
  at::Tensor z, gradient;
  optimizer.observe([&](const GradientView& view) {
    z = view.z.clone();
    gradient = view.z_gradient.clone();
  });
  optimizer.step(never);
  const auto second = optimizer.step(never);  // z differs from z0 now

  const Cutouts cutouts(keyframe.optimize, 64, kOptimizerKey);
  const Objective objective(make_targets(keyframe, clip, cutouts, 64, 64), keyframe.optimize.loss);
  auto variable = z.detach().clone().requires_grad_();
  const auto image = ((vqgan.decode(vqgan.quantize(variable)) + 1) / 2).clamp(0, 1);
  const auto cuts = cutouts.cut(cutouts.prepare(image, 1), 1, 0, cutouts.count());
  const auto start = make_start(keyframe, pack(), {8, 8}, kOptimizerKey, std::nullopt).latent.z();
  const double variance = vqgan.codebook_std() * vqgan.codebook_std();
  const auto loss = objective.shares(clip.clip.image().encode(cuts), cutouts.count()).sum() +
                    (variable - start).square().mean() * (0.3 / variance);
  loss.backward();
  EXPECT_NEAR(second.loss, loss.item<double>(), 1e-4 * std::abs(second.loss));
  const auto cosine = at::cosine_similarity(gradient.flatten(), variable.grad().flatten(), 0);
  EXPECT_GT(cosine.item<double>(), 0.999);  // ClampWithGrad passes a little more than clamp
}

TEST(KeyframeOptimizer, ContinuesFromItsStateToTheSameBits) {
  const auto keyframe = keyframe_with({{"optimize.iterations", "8"}});
  auto whole = optimizer_for(keyframe);
  run(whole);
  auto first = optimizer_for(keyframe);
  const StopToken never;
  for (int i = 0; i < 3; ++i) first.step(never);
  auto second = optimizer_for(keyframe);
  second.restore(first.state());
  run(second);
  EXPECT_TRUE(at::equal(whole.result().z(), second.result().z()));
  ASSERT_EQ(whole.history().size(), second.history().size());
  for (size_t i = 0; i < whole.history().size(); ++i) {
    EXPECT_EQ(whole.history()[i].loss, second.history()[i].loss) << i;
    EXPECT_EQ(whole.history()[i].shares, second.history()[i].shares) << i;
  }
}

// Everything that holds a latent to pictures has a state or counts iterations.
TEST(KeyframeOptimizer, ContinuesToTheSameBitsWhateverHoldsIt) {
  const auto keyframe = keyframe_with({{"optimize.iterations", "9"},
                                       {"optimize.optimizer", "normalized"},
                                       {"optimize.learning_rate_end", "0.1"},
                                       {"optimize.smooth", "0.7"},
                                       {"optimize.mask", "0.4"},
                                       {"optimize.cycle", "0.5"},
                                       {"optimize.cycle_every", "3"},
                                       {"optimize.average", "0.8"}});
  for (const auto keep : {scenes::Keep::best, scenes::Keep::last}) {
    auto kept = keyframe;
    kept.optimize.keep = keep;
    auto whole = optimizer_for(kept);
    run(whole);
    auto first = optimizer_for(kept);
    const StopToken never;
    for (int i = 0; i < 4; ++i) first.step(never);
    auto second = optimizer_for(kept);
    second.restore(first.state());
    run(second);
    EXPECT_TRUE(at::equal(whole.result().z(), second.result().z()));
    EXPECT_TRUE(at::equal(whole.z(), second.z()));
  }
}

TEST(KeyframeOptimizer, KeepsTheAverageOfItsLatents) {
  const auto keyframe = keyframe_with({{"optimize.iterations", "4"},
                                       {"optimize.average", "0.5"},
                                       {"optimize.keep", "last"},
                                       {"optimize.quantize", "false"}});
  auto optimizer = optimizer_for(keyframe);
  const StopToken never;
  auto sum = optimizer.z();  // weights 1/16, 1/8, 1/4, 1/2, 1, over their sum
  double weights = 1;
  while (!optimizer.done()) {
    optimizer.step(never);
    sum = sum * 0.5 + optimizer.z();
    weights = weights * 0.5 + 1;
  }
  EXPECT_TRUE(at::allclose(optimizer.result().z(), sum / weights, 1e-5, 1e-6));
}

// Adam's first step goes equally far in every cell.
TEST(KeyframeOptimizer, MaskShortensTheStepsOfMostCells) {
  const auto moved = [](const std::string& mask) {
    auto optimizer =
        optimizer_for(keyframe_with({{"optimize.iterations", "1"}, {"optimize.mask", mask}}));
    const auto start = optimizer.z();
    run(optimizer);
    return (optimizer.z() - start).abs().sum(1).flatten();
  };
  const auto all = moved("1"), some = moved("0.1");
  EXPECT_LT(some.median().item<double>(), 0.7 * all.median().item<double>());
  EXPECT_NEAR(some.max().item<double>(), all.max().item<double>(), 0.05 * all.max().item<double>());
}

TEST(KeyframeOptimizer, StopLosesOnlyTheUnfinishedIteration) {
  const auto keyframe = keyframe_with({{"optimize.iterations", "5"}});
  auto whole = optimizer_for(keyframe);
  run(whole);
  auto stopped = optimizer_for(keyframe);
  const StopToken never;
  stopped.step(never);
  StopToken stop;
  stop.request(2);
  EXPECT_THROW(stopped.step(stop), Stopped);
  EXPECT_EQ(stopped.history().size(), 1u);
  run(stopped);
  EXPECT_TRUE(at::equal(whole.result().z(), stopped.result().z()));
}

TEST(KeyframeOptimizer, RollsBackFromAGradientThatIsNotANumber) {
  auto optimizer = optimizer_for(keyframe_with({{"optimize.iterations", "6"}}));
  int spoiled = 0;
  optimizer.observe([&](const GradientView& view) {
    if (view.iteration == 3 && spoiled++ == 0) {
      view.z_gradient.fill_(std::numeric_limits<double>::quiet_NaN());
    }
  });
  run(optimizer);
  EXPECT_EQ(optimizer.rollbacks(), 1);
  EXPECT_EQ(optimizer.history().size(), 6u);
  EXPECT_TRUE(at::isfinite(optimizer.result().z()).all().item<bool>());
}

TEST(KeyframeOptimizer, GivesUpWhenEveryGradientIsSpoilt) {
  auto optimizer = optimizer_for(keyframe_with());
  optimizer.observe([](const GradientView& view) {
    view.z_gradient.fill_(std::numeric_limits<double>::infinity());
  });
  const StopToken never;
  EXPECT_THROW(optimizer.step(never), RenderError);
}

TEST(KeyframeOptimizer, PatienceEndsARunWithoutGain) {
  auto optimizer = optimizer_for(keyframe_with({{"optimize.iterations", "500"},
                                                {"optimize.patience", "3"},
                                                {"optimize.learning_rate", "0.000001"}}));
  run(optimizer);
  EXPECT_LT(optimizer.history().size(), 200u);
}

TEST(KeyframeOptimizer, BestIsTheLowestSmoothedLossAndIsSnapped) {
  const auto keyframe = keyframe_with({{"optimize.iterations", "12"}});
  auto optimizer = optimizer_for(keyframe);
  std::vector<at::Tensor> before;
  optimizer.observe([&](const GradientView& view) { before.push_back(view.z.clone()); });
  run(optimizer);
  size_t best = 0;
  for (size_t i = 0; i < optimizer.history().size(); ++i) {
    if (optimizer.history()[i].smoothed < optimizer.history()[best].smoothed) best = i;
  }
  EXPECT_EQ(optimizer.best_iteration(), static_cast<int>(best));
  const auto& vqgan = pack().vqgan(keyframe.optimize.precision);
  EXPECT_TRUE(at::equal(optimizer.result().z(), vqgan.quantize(before[best])));
}

TEST(KeyframeOptimizer, ClampKeepsTheLatentInTheCodebooksRange) {
  auto optimizer = optimizer_for(keyframe_with({{"optimize.learning_rate", "50"},
                                                {"optimize.quantize", "false"},
                                                {"optimize.keep", "last"}}));
  run(optimizer);
  const auto& vqgan = pack().vqgan(scenes::Precision::automatic);
  const auto z = optimizer.result().z();
  EXPECT_TRUE((z <= vqgan.codebook_max()).all().item<bool>());
  EXPECT_TRUE((z >= vqgan.codebook_min()).all().item<bool>());
}

}  // namespace
}  // namespace latentreel::render
