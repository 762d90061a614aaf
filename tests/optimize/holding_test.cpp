#include "src/optimize/holding.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "tests/optimize/tiny_pair.h"

namespace latentreel::render {
namespace {

at::Tensor some(int64_t seed) {
  return at::sin(at::arange(2 * 4 * 5, at::kFloat) * static_cast<double>(seed)).view({1, 2, 4, 5});
}

TEST(Holding, PullIsAutogradsOwn) {
  const auto start = some(3), z = some(7);
  const auto pull = pull_to(start, z, 0.4, 2.5);
  auto variable = z.clone().requires_grad_();
  const auto loss = (variable - start).square().mean() * (0.4 / (2.5 * 2.5));
  loss.backward();
  EXPECT_NEAR(pull.loss, loss.item<double>(), 1e-6);
  EXPECT_TRUE(at::allclose(pull.gradient, variable.grad()));
  EXPECT_FALSE(pull_to(start, z, 0, 2.5).gradient.defined());
}

TEST(Holding, SmoothingKeepsWhatIsEvenAndSpreadsWhatIsNot) {
  const auto gradient = some(5);
  EXPECT_TRUE(smoothed(gradient, 0).is_same(gradient));
  const auto even = at::full({1, 3, 6, 6}, 2.0);
  EXPECT_TRUE(at::allclose(smoothed(even, 1.3), even));

  auto point = at::zeros({1, 2, 9, 9});
  point.index_put_({0, 1, 4, 4}, 1.0);
  const auto spread = smoothed(point, 0.8);
  EXPECT_NEAR(spread.sum().item<double>(), 1, 1e-5) << "far from the border nothing is lost";
  EXPECT_EQ(spread[0][0].abs().max().item<double>(), 0) << "channels are smoothed by themselves";
  EXPECT_TRUE(at::allclose(spread, spread.transpose(2, 3)));
  // Two cells along the Gaussian of 0.8: exp(-0.5 / 0.64) from one to the next.
  const auto row = spread[0][1][4];
  EXPECT_NEAR(row[5].item<double>() / row[4].item<double>(), std::exp(-0.5 / 0.64), 1e-5);
}

TEST(Holding, MaskLetsTheStrongestCellsMoveFreely) {
  auto gradient = at::full({1, 2, 8, 8}, 0.01);
  gradient.slice(2, 2, 6).slice(3, 2, 6).fill_(1.0);  // 16 cells of 64
  ChangeMask mask(0.25);
  const auto free = mask.add(gradient);
  EXPECT_EQ(free.sizes(), (std::vector<int64_t>{1, 1, 8, 8}));
  EXPECT_EQ(free.slice(2, 3, 5).slice(3, 3, 5).min().item<double>(), 1);
  EXPECT_LT(free[0][0][0][0].item<double>(), 0.01);
  EXPECT_GE(free.min().item<double>(), 0);
  EXPECT_LE(free.max().item<double>(), 1);
  EXPECT_EQ((free >= 1).sum().item<int64_t>(), 16);

  // Another place, asked for more strongly by later steps, is let go in the end.
  auto elsewhere = at::full({1, 2, 8, 8}, 0.01);
  elsewhere.slice(2, 0, 2).fill_(4.0);
  mask.add(elsewhere);
  EXPECT_EQ(mask.add(elsewhere)[0][0][0].min().item<double>(), 1);
}

TEST(Holding, MaskOfAllCellsHoldsNone) {
  ChangeMask mask(1);
  EXPECT_EQ(mask.add(some(5)).min().item<double>(), 1);
  // Nothing is asked for anywhere: no step, and no division by nothing.
  ChangeMask none(0.5);
  EXPECT_EQ(none.add(at::zeros({1, 2, 4, 4})).abs().max().item<double>(), 0);
}

TEST(Holding, RateFallsAlongACosine) {
  scenes::OptimizeOptions options;
  options.iterations = 11;
  EXPECT_EQ(rate_at(options, 7), 1) << "without an end it stays";
  options.learning_rate_end = 0.2;
  EXPECT_NEAR(rate_at(options, 0), 1, 1e-12);
  EXPECT_NEAR(rate_at(options, 5), 0.6, 1e-12);
  EXPECT_NEAR(rate_at(options, 10), 0.2, 1e-12);
  options.iterations = 1;
  EXPECT_EQ(rate_at(options, 0), 1);
}

TEST(Holding, CycleGoesTowardWhatEncodingGives) {
  ModelPack models(testing::tiny_files(), testing::test_machine());
  const auto& vqgan = models.vqgan(scenes::Precision::float32);
  const at::NoGradGuard no_gradient;
  const auto codes = at::arange(64, at::kLong).mul(37).remainder(vqgan.config().codes);
  const auto z = vqgan.embed_codes(codes.view({1, 8, 8})) * 1.1;
  EXPECT_TRUE(at::equal(reencode_blend(vqgan, z, false, 0), z));
  const auto picture = ((vqgan.decode(z) + 1) / 2).clamp(0, 1);
  const auto back = vqgan.encode(picture);
  EXPECT_TRUE(at::allclose(reencode_blend(vqgan, z, false, 1), back, 1e-4, 1e-5));
  EXPECT_TRUE(
      at::allclose(reencode_blend(vqgan, z, false, 0.25), z * 0.75 + back * 0.25, 1e-4, 1e-5));
}

}  // namespace
}  // namespace latentreel::render
