// What CLIP is shown on the device, beside the CPU.

#include "src/optimize/cutouts.h"
#include "scenes/recipes.h"
#include "tests/device/on_device.h"
#include "tests/models/synthetic.h"

namespace latentreel::testing {
namespace {

using models::testing::test_image;
using render::Cutouts;
using scenes::Augment;
using scenes::Cutter;

constexpr render::RandomKey kCutoutsKey{.content = 17, .seed = 6};

class CutoutsOnDevice : public OnDevice {
 protected:
  // Of `options`, without the noise: that alone comes from the device's own generator. Sampling the
  // nearest pixel is left out too: at the border between two a rounding decides.
  static void expect_those_of_the_cpu(scenes::OptimizeOptions options) {
    options.cutouts = 7;
    options.noise = 0;
    for (auto& augment : options.augment) augment.nearest = false;
    const Cutouts cutouts(options, 32, kCutoutsKey);
    for (const int64_t iteration : {0, 1, 2}) {
      const auto cut = [&](const at::Tensor& image) {
        return outcome(image, [&](const at::Tensor& x) {
          const auto base = cutouts.prepare(x, iteration);
          return cutouts.cut(base, iteration, 0, 7);
        });
      };
      const auto expected = cut(test_image(3, 64, 80));
      const auto got = cut(test_image(3, 64, 80).to(*under_test().device));
      EXPECT_LT((got.value - expected.value).abs().max().item<double>(), 1e-3);
      EXPECT_GT(cosine(got.gradient, expected.gradient), 0.9999);
    }
  }
};

// Parameters are drawn on the host, so both see the same squares and motions.
TEST_F(CutoutsOnDevice, OfEveryRecipeAreThoseOfTheCpu) {
  for (const auto& name : scenes::recipe_names()) {
    SCOPED_TRACE(name);
    expect_those_of_the_cpu(scenes::recipe(name));
  }
}

TEST_F(CutoutsOnDevice, OfEveryCutterAreThoseOfTheCpu) {
  for (const auto cutter : {Cutter::padded, Cutter::crops, Cutter::pooled}) {
    SCOPED_TRACE(static_cast<int>(cutter));
    auto options = scenes::recipe("notebook");
    options.cutter = cutter;
    expect_those_of_the_cpu(options);
    options.augment.clear();
    expect_those_of_the_cpu(options);
  }
}

TEST_F(CutoutsOnDevice, WithEveryAugmentationAreThoseOfTheCpu) {
  const std::vector<Augment> augments = {
      {.kind = Augment::Kind::flip, .probability = 0.5},
      {.kind = Augment::Kind::affine, .degrees = 15, .border = scenes::PaddingMode::border},
      {.kind = Augment::Kind::affine, .degrees = 15, .border = scenes::PaddingMode::reflection},
      {.kind = Augment::Kind::perspective, .scale = 0.7},
      {.kind = Augment::Kind::jitter,
       .brightness = 0.2,
       .contrast = 0.2,
       .saturation = 0.2,
       .hue = 0.2},
      {.kind = Augment::Kind::erase},
      {.kind = Augment::Kind::sharpness, .amount = 2},
      {.kind = Augment::Kind::rotate, .degrees = 20},
  };
  for (const auto& augment : augments) {
    SCOPED_TRACE(static_cast<int>(augment.kind));
    auto options = scenes::recipe("notebook");
    options.augment = {augment};
    expect_those_of_the_cpu(options);
  }
}

TEST_F(CutoutsOnDevice, SampleTheNearestPixel) {
  auto options = scenes::recipe("article");  // its affine map does
  options.cutouts = 2;
  const Cutouts cutouts(options, 32, kCutoutsKey);
  const auto image = test_image(3, 64, 80).to(*under_test().device).requires_grad_();
  const auto cut = cutouts.cut(cutouts.prepare(image, 1), 1, 0, 2);
  cut.sum().backward();
  EXPECT_TRUE(at::isfinite(image.grad().cpu()).all().item<bool>());
}

TEST_F(CutoutsOnDevice, NoiseDoesNotDependOnTheChunk) {
  auto options = scenes::recipe("notebook");
  options.cutouts = 6;
  const Cutouts cutouts(options, 32, kCutoutsKey);
  const auto like = at::zeros({1}, at::TensorOptions(*under_test().device));
  const auto all = cutouts.noise(like, 3, 0, 6);
  EXPECT_EQ(all.device(), *under_test().device);
  EXPECT_TRUE(at::equal(cutouts.noise(like, 3, 2, 3).cpu(), all.narrow(0, 2, 3).cpu()));
  EXPECT_FALSE(at::equal(cutouts.noise(like, 4, 0, 6).cpu(), all.cpu()));
  EXPECT_LT(all.std().item<double>(), options.noise);
  EXPECT_GT(all.std().item<double>(), 0.1 * options.noise);
}

}  // namespace
}  // namespace latentreel::testing
