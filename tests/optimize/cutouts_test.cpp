#include "src/optimize/cutouts.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>

#include "models/ops/resample.h"
#include "scenes/recipes.h"
#include "src/optimize/augment.h"

namespace latentreel::render {
namespace {

using scenes::Augment;
using scenes::Cutter;
using scenes::OptimizeOptions;

const RandomKey kCutoutsKey = {.content = 0x1234567890abcdefull, .seed = 7};

at::Tensor picture(int64_t height, int64_t width) {
  const auto index = at::arange(3 * height * width, at::kDouble);
  return (0.5 + 0.5 * at::sin(index * 0.37 + at::sin(index * 0.0131) * 3))
      .to(at::kFloat)
      .view({1, 3, height, width});
}

OptimizeOptions options_of(Cutter cutter) {
  auto options = scenes::recipe(cutter == Cutter::padded ? "article" : "notebook");
  options.cutter = cutter;
  options.cutouts = 7;
  return options;
}

class Cutters : public ::testing::TestWithParam<Cutter> {};

TEST_P(Cutters, GiveTheShapeForAnyPicture) {
  const Cutouts cutouts(options_of(GetParam()), 32, kCutoutsKey);
  for (const auto& [height, width] : {std::pair{48, 48}, {33, 71}, {64, 20}, {16, 16}}) {
    const auto base = cutouts.prepare(picture(height, width), 0);
    const auto cut = cutouts.cut(base, 0, 0, 7);
    EXPECT_EQ(cut.sizes(), (at::IntArrayRef{7, 3, 32, 32}));
    EXPECT_TRUE(cut.isfinite().all().item<bool>());
  }
}

TEST_P(Cutters, DoNotDependOnChunksOrThreads) {
  const Cutouts cutouts(options_of(GetParam()), 32, kCutoutsKey);
  const auto threads = at::get_num_threads();
  for (int64_t iteration = 0; iteration < 6; ++iteration) {
    at::set_num_threads(threads);
    const auto all = cutouts.cut(cutouts.prepare(picture(80, 64), iteration), iteration, 0, 7);
    at::set_num_threads(3);
    const auto base = cutouts.prepare(picture(80, 64), iteration);
    for (const auto& [first, n] : {std::pair<int64_t, int64_t>{0, 1}, {1, 4}, {5, 2}}) {
      EXPECT_TRUE(at::equal(cutouts.cut(base, iteration, first, n), all.narrow(0, first, n)))
          << "iteration " << iteration << " cutouts from " << first;
    }
  }
  at::set_num_threads(threads);
}

TEST_P(Cutters, ChangeWithIterationSeedAndKeyframeOnly) {
  const auto make = [&](RandomKey key, int64_t iteration) {
    const Cutouts cutouts(options_of(GetParam()), 32, key);
    return cutouts.cut(cutouts.prepare(picture(64, 64), iteration), iteration, 0, 7);
  };
  EXPECT_TRUE(at::equal(make(kCutoutsKey, 3), make(kCutoutsKey, 3)));
  EXPECT_FALSE(at::equal(make(kCutoutsKey, 3), make(kCutoutsKey, 4)));
  EXPECT_FALSE(at::equal(make(kCutoutsKey, 3), make({kCutoutsKey.content, 8}, 3)));
  EXPECT_FALSE(at::equal(make(kCutoutsKey, 3), make({kCutoutsKey.content + 1, 7}, 3)));
}

TEST_P(Cutters, GradientsAreFiniteAndTheSameBitsAgain) {
  const Cutouts cutouts(options_of(GetParam()), 32, kCutoutsKey);
  std::vector<at::Tensor> gradients;
  const auto threads = at::get_num_threads();
  for (const int count : {1, 2, 2}) {
    at::set_num_threads(count);
    auto image = picture(64, 64).requires_grad_();
    cutouts.cut(cutouts.prepare(image, 1), 1, 0, 7).square().sum().backward();
    gradients.push_back(image.grad());
  }
  at::set_num_threads(threads);
  EXPECT_TRUE(gradients[0].isfinite().all().item<bool>());
  EXPECT_GT(gradients[0].abs().sum().item<double>(), 1);
  EXPECT_TRUE(at::equal(gradients[0], gradients[1]));
  EXPECT_TRUE(at::equal(gradients[1], gradients[2]));
}

// What another device would compute, in double on this one.
TEST_P(Cutters, AreTheSameInPlainTensorCode) {
  auto options = options_of(GetParam());
  for (auto& augment : options.augment) augment.nearest = false;
  const Cutouts cutouts(options, 32, kCutoutsKey);
  auto image = picture(64, 80).requires_grad_();
  auto exact = picture(64, 80).to(at::kDouble).requires_grad_();
  const auto own = cutouts.cut(cutouts.prepare(image, 2), 2, 0, 7);
  const auto plain = cutouts.cut(cutouts.prepare(exact, 2), 2, 0, 7);
  EXPECT_LT((own - plain).abs().max().item<double>(), 1e-4);
  const auto incoming = at::sin(at::arange(own.numel(), at::kDouble)).view(own.sizes());
  own.backward(incoming.to(at::kFloat));
  plain.backward(incoming);
  const auto cosine =
      at::cosine_similarity(image.grad().to(at::kDouble).flatten(), exact.grad().flatten(), 0);
  EXPECT_GT(cosine.item<double>(), 0.9999);
}

constexpr const char* kCutterNames[] = {"padded", "crops", "pooled"};

INSTANTIATE_TEST_SUITE_P(All, Cutters,
                         ::testing::Values(Cutter::padded, Cutter::crops, Cutter::pooled),
                         [](const auto& tested) { return kCutterNames[tested.index]; });

// The article's picture (models.md section 5.2, items 4 to 6), recomputed from its formulas.
TEST(PaddedCutter, IsTheArticles) {
  auto options = scenes::recipe("article");
  options.augment[0].probability = 1;  // flip
  const Cutouts cutouts(options, 48, kCutoutsKey);
  const int64_t side = 40, padding = 20, padded = 80, iteration = 5;
  const auto image = picture(side, side);

  // Zeros around it, mirrored, then turned and shifted: nearest pixels, black outside.
  auto base = at::zeros({1, 3, padded, padded});
  base.narrow(2, padding, side).narrow(3, padding, side).copy_(image.flip(3));
  const Draw draw{.key = kCutoutsKey, .iteration = iteration, .whom = Draw::For::once};
  const auto affine = draw_augment(options.augment[1], 1, draw, padded, padded);
  const auto m = affine.maps[0];
  const auto entry = [&](int64_t i, int64_t j) { return m[i][j].item<double>(); };
  // The way back of a turn by at most 30 degrees about the centre and a whole shift.
  const double angle = std::atan2(entry(0, 1), entry(0, 0));
  EXPECT_LE(std::abs(angle), 30 * M_PI / 180);
  EXPECT_NE(angle, 0);
  const double c = std::cos(angle), s = std::sin(angle), centre = (padded - 1) / 2.0;
  EXPECT_NEAR(entry(0, 0), c, 1e-9);
  EXPECT_NEAR(entry(1, 1), c, 1e-9);
  EXPECT_NEAR(entry(1, 0), -s, 1e-9);
  // place of the pixel that comes to lie on the centre, turned forward again: minus the shift
  const double px = entry(0, 0) * centre + entry(0, 1) * centre + entry(0, 2) - centre;
  const double py = entry(1, 0) * centre + entry(1, 1) * centre + entry(1, 2) - centre;
  const double right = -(c * px - s * py), down = -(s * px + c * py);
  EXPECT_NEAR(right, std::round(right), 1e-9);
  EXPECT_NEAR(down, std::round(down), 1e-9);
  EXPECT_LE(std::abs(right), 0.2 * padded);
  EXPECT_LE(std::abs(down), 0.2 * padded);

  auto moved = at::zeros_like(base);
  for (int64_t y = 0; y < padded; ++y) {
    for (int64_t x = 0; x < padded; ++x) {
      const double dx = static_cast<double>(x) - centre - right;
      const double dy = static_cast<double>(y) - centre - down;
      const double from_x = std::nearbyint(c * dx + s * dy + centre);
      const double from_y = std::nearbyint(-s * dx + c * dy + centre);
      if (from_x < 0 || from_y < 0 || from_x >= padded || from_y >= padded) continue;
      moved.select(2, y).select(2, x).copy_(
          base.select(2, static_cast<int64_t>(from_y)).select(2, static_cast<int64_t>(from_x)));
    }
  }
  const auto prepared = cutouts.prepare(image, iteration);
  EXPECT_LT((prepared - moved).abs().gt(1e-6).to(at::kFloat).mean().item<double>(), 2e-3);

  // Slices, resized bilinearly with corners aligned, and noise.
  const auto boxes = cutouts.boxes(padded, padded, iteration, 0, 32);
  const auto noise = cutouts.noise(prepared, iteration, 0, 32);
  const auto cut = cutouts.cut(prepared, iteration, 0, 32);
  for (int64_t i = 0; i < 32; ++i) {
    const auto& box = boxes[static_cast<size_t>(i)];
    EXPECT_EQ(box.height, box.width);
    EXPECT_GE(box.height, static_cast<int64_t>(0.43 * side));
    EXPECT_LE(box.height, static_cast<int64_t>(1.9 * side));
    const auto slice =
        prepared.narrow(2, box.top, box.height).narrow(3, box.left, box.width).contiguous();
    const auto resized = at::upsample_bilinear2d(slice, {48, 48}, true);
    EXPECT_LT((cut[i] - (resized[0] + noise[i])).abs().max().item<double>(), 1e-5);
  }
  // u ~ U(0, 0.22) for each crop
  const auto deviation = noise.flatten(1).std(1);
  EXPECT_LT(deviation.max().item<double>(), 0.225);
  EXPECT_GT(deviation.max().item<double>(), 0.15);
  EXPECT_LT(deviation.min().item<double>(), 0.05);
  EXPECT_NEAR(noise.mean().item<double>(), 0, 2e-3);
}

TEST(PaddedCutter, SizesAreNormallyDistributedAndOffsetsFillThePicture) {
  auto options = scenes::recipe("article");
  options.cutouts = 2000;
  const Cutouts cutouts(options, 48, kCutoutsKey);
  double sum = 0;
  int64_t farthest = 0;
  for (const auto& box : cutouts.boxes(200, 300, 0, 0, 2000)) {
    sum += static_cast<double>(box.height);
    ASSERT_LE(box.top + box.height, 200);
    ASSERT_LE(box.left + box.width, 300);
    farthest = std::max(farthest, box.left + box.width);
  }
  EXPECT_NEAR(sum / 2000, 119.5, 3);
  EXPECT_GE(farthest, 297);
}

TEST(CropsCutter, WithoutAugmentationsOrNoiseIsCrowsons) {
  auto options = options_of(Cutter::crops);
  options.augment.clear();
  options.noise = 0;
  const Cutouts cutouts(options, 32, kCutoutsKey);
  auto image = picture(64, 100).requires_grad_();
  const auto cut = cutouts.cut(cutouts.prepare(image, 0), 0, 0, 7);
  const auto boxes = cutouts.boxes(64, 100, 0, 0, 7);
  for (int64_t i = 0; i < 7; ++i) {
    const auto& box = boxes[static_cast<size_t>(i)];
    EXPECT_GE(box.height, 32);
    EXPECT_LE(box.height, 64);
    const auto crop = image.detach().narrow(2, box.top, box.height).narrow(3, box.left, box.width);
    EXPECT_LT((cut[i] - models::resample(crop, 32, 32).clamp(0, 1)[0]).abs().max().item<double>(),
              1e-5);
  }
  EXPECT_GE(cut.min().item<double>(), 0);
  EXPECT_LE(cut.max().item<double>(), 1);
  // ClampWithGrad lets everything through that leads back into the range.
  cut.sub(0.5).square().sum().backward();
  EXPECT_TRUE(image.grad().isfinite().all().item<bool>());
}

TEST(CropsCutter, SizesFollowTheOptions) {
  auto options = options_of(Cutter::crops);
  options.cutouts = 3000;
  const auto sizes = [&] {
    const Cutouts cutouts(options, 32, kCutoutsKey);
    std::vector<double> heights;
    for (const auto& box : cutouts.boxes(128, 200, 0, 0, 3000)) {
      EXPECT_EQ(box.height, box.width);
      EXPECT_LE(box.top + box.height, 128);
      EXPECT_LE(box.left + box.width, 200);
      heights.push_back(static_cast<double>(box.height));
    }
    return at::tensor(heights, at::kDouble);
  };
  auto drawn = sizes();  // 32 .. 128, evenly
  EXPECT_EQ(drawn.min().item<double>(), 32);
  EXPECT_GE(drawn.max().item<double>(), 127);
  EXPECT_NEAR(drawn.mean().item<double>(), 79.5, 2);
  options.cut_power = 2;  // mean of U^2 is 1/3
  EXPECT_NEAR(sizes().mean().item<double>(), 32 + 96 / 3.0 - 0.5, 2);
  options.cut_power = 1;
  options.cut_min = 0.5;
  options.cut_max = 0.75;
  drawn = sizes();
  EXPECT_EQ(drawn.min().item<double>(), 64);
  EXPECT_NEAR(drawn.max().item<double>(), 95, 1);
}

TEST(CropsCutter, PicturesSmallerThanClipsAreEnlargedWhole) {
  auto options = options_of(Cutter::crops);
  options.augment.clear();
  options.noise = 0;
  const Cutouts cutouts(options, 64, kCutoutsKey);
  const auto cut = cutouts.cut(picture(32, 32), 0, 0, 7);
  EXPECT_LT((cut[3] - models::resample(picture(32, 32), 64, 64).clamp(0, 1)[0])
                .abs()
                .max()
                .item<double>(),
            1e-5);
}

TEST(PooledCutter, IsOnePictureSeenDifferently) {
  auto options = options_of(Cutter::pooled);
  const auto image = picture(64, 96);
  options.augment.clear();
  options.noise = 0;
  const Cutouts plain(options, 32, kCutoutsKey);
  const auto pooled = models::adaptive_pool(image, 32);
  const auto cut = plain.cut(plain.prepare(image, 0), 0, 0, 7);
  for (int64_t i = 0; i < 7; ++i) EXPECT_TRUE(at::equal(cut[i], pooled[0]));

  options.noise = 0.1;
  const Cutouts noisy(options, 32, kCutoutsKey);
  EXPECT_TRUE(at::equal(noisy.cut(noisy.prepare(image, 0), 0, 2, 3),
                        pooled + noisy.noise(pooled, 0, 2, 3)));
}

TEST(PooledCutter, AppliesTheListInOrder) {
  const auto options = options_of(Cutter::pooled);
  const Cutouts cutouts(options, 32, kCutoutsKey);
  const auto base = cutouts.prepare(picture(64, 64), 4);
  const Draw draw{.key = kCutoutsKey, .iteration = 4, .n = 7};
  auto expected = base.repeat({7, 1, 1, 1});
  int64_t step = 0;
  for (const auto& augment : options.augment) {
    expected = apply_augment(expected, draw_augment(augment, step++, draw, 32, 32));
  }
  expected = expected + cutouts.noise(base, 4, 0, 7);
  EXPECT_TRUE(at::equal(cutouts.cut(base, 4, 0, 7), expected));
}

TEST(Cutouts, RefuseWhatIsNotThere) {
  const Cutouts cutouts(options_of(Cutter::pooled), 32, kCutoutsKey);
  EXPECT_THROW(cutouts.prepare(picture(64, 64)[0], 0), c10::Error);
  EXPECT_THROW(cutouts.cut(cutouts.prepare(picture(64, 64), 0), 0, 5, 3), c10::Error);
}

}  // namespace
}  // namespace latentreel::render
