#include "src/optimize/augment.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

// Pictures of models.md section 7.7 are in homography_test.cpp and tests/models/jitter_test.cpp.

namespace latentreel::render {
namespace {

using scenes::Augment;
using Kind = Augment::Kind;
using Step = models::Jitter::Step;

const RandomKey kAugmentKey = {.content = 5, .seed = 6};

at::Tensor pictures(int64_t n, int64_t size = 24) {
  const auto index = at::arange(n * 3 * size * size, at::kDouble);
  return (0.5 + 0.5 * at::sin(index * 0.37 + at::sin(index * 0.0131) * 3))
      .to(at::kFloat)
      .view({n, 3, size, size});
}

// Everything that `augment` can be drawn as, once for each kind.
std::vector<Augment> all_kinds(double probability) {
  return {
      {.kind = Kind::flip, .probability = probability},
      {.kind = Kind::affine,
       .probability = probability,
       .degrees = 30,
       .translate_x = 0.1,
       .translate_y = 0.2,
       .shear = 5,
       .border = scenes::PaddingMode::border},
      {.kind = Kind::perspective, .probability = probability, .scale = 0.7},
      {.kind = Kind::jitter,
       .probability = probability,
       .brightness = 0.1,
       .contrast = 0.1,
       .saturation = 0.1,
       .hue = 0.1},
      {.kind = Kind::erase, .probability = probability},
      {.kind = Kind::sharpness, .probability = probability, .amount = 0.3},
      {.kind = Kind::rotate, .probability = probability, .degrees = 15},
  };
}

at::Tensor augmented(const at::Tensor& x, const Augment& augment, const Draw& draw) {
  return apply_augment(x, draw_augment(augment, 0, draw, x.size(2), x.size(3)));
}

TEST(Sharpen, GivesThePublishedPicture) {
  const auto x = (0.5 + 0.5 * at::sin(0.013 * at::arange(25, at::kDouble)))
                     .pow(2)
                     .to(at::kFloat)
                     .view({1, 1, 5, 5});
  const auto y = sharpen(x, {0.3});
  const std::vector<double> expected = {0.25,     0.256542, 0.263167, 0.269875,
                                        0.276664, 0.283532, 0.290801};
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(y.flatten()[static_cast<int64_t>(i)].item<double>(), expected[i], 1e-6);
  }
  EXPECT_NEAR(y.sum().item<double>(), 8.388969, 1e-5);
}

TEST(Sharpen, OneKeepsAndMoreSharpensWithinTheRange) {
  const auto x = pictures(2);
  const auto y = sharpen(x, {1, 3});
  EXPECT_LT((y[0] - x[0]).abs().max().item<double>(), 1e-6);
  EXPECT_GE(y[1].min().item<double>(), 0);
  EXPECT_LE(y[1].max().item<double>(), 1);
  EXPECT_GT((y[1] - x[1]).abs().max().item<double>(), 0.05);
}

TEST(Augment, NothingDrawnCostsNothing) {
  const auto x = pictures(4);
  for (const auto& augment : all_kinds(0)) {
    EXPECT_TRUE(augmented(x, augment, {.key = kAugmentKey, .n = 4}).is_same(x));
  }
}

TEST(Augment, LeavesTheCutoutsAloneThatDrewNothing) {
  const auto x = pictures(16);
  for (const auto& augment : all_kinds(0.5)) {
    if (augment.kind == Kind::erase) continue;  // all or none
    const auto y = augmented(x, augment, {.key = kAugmentKey, .n = 16});
    int unchanged = 0;
    for (int64_t i = 0; i < 16; ++i) unchanged += at::equal(x[i], y[i]);
    EXPECT_GE(unchanged, 2) << "kind " << static_cast<int>(augment.kind);
    EXPECT_LE(unchanged, 14) << "kind " << static_cast<int>(augment.kind);
  }
}

TEST(Augment, DoesNotDependOnChunks) {
  const auto x = pictures(8);
  for (const auto& augment : all_kinds(0.8)) {
    const auto all = augmented(x, augment, {.key = kAugmentKey, .iteration = 3, .n = 8});
    for (int64_t first = 0; first < 8; first += 2) {
      const auto some = augmented(x.narrow(0, first, 2), augment,
                                  {.key = kAugmentKey, .iteration = 3, .first = first, .n = 2});
      EXPECT_TRUE(at::equal(some, all.narrow(0, first, 2)))
          << "kind " << static_cast<int>(augment.kind);
    }
  }
}

TEST(Augment, OnePictureStandsForAll) {
  const auto one = pictures(1);
  for (const auto& augment : all_kinds(0.8)) {
    const Draw draw{.key = kAugmentKey, .n = 4};
    EXPECT_TRUE(at::equal(augmented(one, augment, draw).expand({4, 3, 24, 24}),
                          augmented(one.repeat({4, 1, 1, 1}), augment, draw)))
        << "kind " << static_cast<int>(augment.kind);
  }
}

TEST(Augment, IsDifferentiableAndFiniteInAllKinds) {
  for (const auto& augment : all_kinds(1)) {
    auto x = pictures(4).requires_grad_();
    augmented(x, augment, {.key = kAugmentKey, .n = 4}).square().sum().backward();
    ASSERT_TRUE(x.grad().defined());
    EXPECT_TRUE(x.grad().isfinite().all().item<bool>());
    EXPECT_GT(x.grad().abs().sum().item<double>(), 1);
  }
}

TEST(Augment, ProbabilityIsOfEachCutoutOnItsOwn) {
  Augment augment{.kind = Kind::rotate, .probability = 0.7, .degrees = 15};
  std::map<int64_t, int> rotated;
  int total = 0;
  for (int64_t iteration = 0; iteration < 200; ++iteration) {
    const auto draw =
        draw_augment(augment, 0, {.key = kAugmentKey, .iteration = iteration, .n = 8}, 9, 9);
    const auto moved = draw.maps.select(1, 0).select(1, 0).ne(1).sum().item<int64_t>();
    total += static_cast<int>(moved);
    ++rotated[moved];
  }
  EXPECT_NEAR(total / 1600.0, 0.7, 0.05);
  EXPECT_GT(rotated.size(), 4u);
}

TEST(Augment, AffineStaysInItsRanges) {
  const Augment augment{.kind = Kind::affine, .degrees = 15, .translate_y = 0.1};
  const auto draw = draw_augment(augment, 0, {.key = kAugmentKey, .n = 500}, 101, 101);
  const auto centre = at::tensor({50.0, 50.0, 1.0}, at::kDouble);
  const auto cosine = draw.maps.select(1, 0).select(1, 0);
  EXPECT_GE(cosine.min().item<double>(), std::cos(15 * M_PI / 180) - 1e-12);
  EXPECT_LT(cosine.min().item<double>(), 0.97);
  // A shift of s looks back by s turned: only as far as 0.1 of the height.
  const auto away = (at::matmul(draw.maps, centre) - centre).narrow(1, 0, 2).norm(2, 1);
  EXPECT_LE(away.max().item<double>(), 10.1 * 101 / 100 + 1e-9);
  EXPECT_GT(away.max().item<double>(), 9);
}

TEST(Augment, TheArticlesAffineMovesByWholePixels) {
  const Augment augment{
      .kind = Kind::affine, .translate_x = 0.2, .translate_y = 0.2, .nearest = true};
  const auto draw =
      draw_augment(augment, 0, {.key = kAugmentKey, .whom = Draw::For::once}, 101, 101);
  const auto shift = draw.maps[0].narrow(1, 2, 1).narrow(0, 0, 2);
  EXPECT_TRUE(at::equal(shift, shift.round()));
  EXPECT_NE(shift.abs().max().item<double>(), 0);
  EXPECT_EQ(draw.sampling, models::Sampling::nearest);
}

TEST(Augment, JitterTakesEveryOrderAndTheSameForAllChunks) {
  const Augment augment{.kind = Kind::jitter, .hue = 0.1};
  std::map<std::array<Step, 4>, int> orders;
  for (int64_t iteration = 0; iteration < 480; ++iteration) {
    const Draw draw{.key = kAugmentKey, .iteration = iteration};
    const auto drawn = draw_augment(augment, 0, draw, 9, 9);
    ++orders[drawn.jitter.order];
    const Draw other{.key = kAugmentKey, .iteration = iteration, .first = 3, .n = 2};
    EXPECT_EQ(draw_augment(augment, 0, other, 9, 9).jitter.order, drawn.jitter.order);
    EXPECT_LE(std::abs(drawn.jitter.factors[0].hue), 0.1);
    EXPECT_EQ(drawn.jitter.factors[0].contrast, 1);
  }
  EXPECT_EQ(orders.size(), 24u);
  for (const auto& [order, count] : orders) EXPECT_LT(count, 45);
}

TEST(Augment, EraseIsOneRectangleOfTheRightSize) {
  const Augment augment{.kind = Kind::erase, .probability = 0.7};
  int erased = 0, tall = 0;
  for (int64_t iteration = 0; iteration < 400; ++iteration) {
    const Draw draw{.key = kAugmentKey, .iteration = iteration, .n = 3};
    const auto drawn = draw_augment(augment, 0, draw, 224, 224);
    if (!drawn.applies) continue;
    ++erased;
    const auto& box = drawn.erased;
    tall += box.height > box.width;
    const double area = static_cast<double>(box.height * box.width) / (224 * 224);
    EXPECT_GT(area, 0.095);
    EXPECT_LT(area, 0.405);
    EXPECT_GE(box.top, 0);
    EXPECT_LE(box.top + box.height, 224);
    EXPECT_GE(box.left, 0);
    EXPECT_LE(box.left + box.width, 224);
  }
  EXPECT_NEAR(erased / 400.0, 0.7, 0.08);
  EXPECT_NEAR(tall / static_cast<double>(erased), 0.5, 0.1);

  auto always = augment;
  always.probability = 1;
  const Draw draw{.key = kAugmentKey, .n = 3};
  const auto drawn = draw_augment(always, 0, draw, 24, 24);
  auto expected = pictures(3);
  expected.narrow(2, drawn.erased.top, drawn.erased.height)
      .narrow(3, drawn.erased.left, drawn.erased.width)
      .zero_();
  EXPECT_TRUE(at::equal(apply_augment(pictures(3), drawn), expected));
}

TEST(Augment, FlipMirrors) {
  const Augment augment{.kind = Kind::flip, .probability = 1};
  EXPECT_TRUE(at::equal(augmented(pictures(2), augment, {.key = kAugmentKey, .n = 2}),
                        pictures(2).flip(3)));
}

TEST(Augment, StepsOfTheListDrawTheirOwnNumbers) {
  const Augment augment{.kind = Kind::rotate, .degrees = 15};
  const Draw draw{.key = kAugmentKey};
  EXPECT_FALSE(at::equal(draw_augment(augment, 0, draw, 9, 9).maps,
                         draw_augment(augment, 1, draw, 9, 9).maps));
}

}  // namespace
}  // namespace latentreel::render
