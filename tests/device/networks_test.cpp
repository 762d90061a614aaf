// The networks on the device, beside the CPU.

#include "models/clip/towers.h"
#include "tests/device/on_device.h"
#include "tests/models/synthetic.h"

namespace latentreel::testing {
namespace {

using models::testing::test_image;
using scenes::Precision;

// Sums are taken in another order: in float32 that leaves 1e-4 of the length, in bfloat16, beside
// float32 on the CPU, a few per cent.
constexpr double kRounding = 1e-3, kBfloat16Rounding = 0.05;

class NetworksOnDevice : public OnDevice {};

TEST_F(NetworksOnDevice, VqganDecodesLikeTheCpu) {
  const auto& exact = here->vqgan(Precision::float32);
  const auto codes = (at::arange(64, at::kLong) * 61).remainder(exact.config().codes);
  const auto z = exact.embed_codes(codes.view({1, 8, 8}));
  const auto decode = [&](const models::Vqgan& vqgan) {
    return outcome(z, [&](const at::Tensor& x) { return vqgan.decode(x); });
  };
  const auto expected = decode(exact);
  const auto got = decode(there->vqgan(Precision::float32));
  EXPECT_LT(difference(got.value, expected.value), kRounding);
  EXPECT_GT(cosine(got.gradient, expected.gradient), 0.9999);
  const auto fast = decode(there->vqgan(Precision::bfloat16));
  EXPECT_LT(difference(fast.value, expected.value), kBfloat16Rounding);
  EXPECT_GT(cosine(fast.gradient, expected.gradient), 0.99);
}

TEST_F(NetworksOnDevice, VqganEncodesLikeTheCpu) {
  const auto image = test_image(3, 64, 64);
  const auto encode = [&](const models::Vqgan& vqgan) {
    return outcome(image, [&](const at::Tensor& x) { return vqgan.encode(x); });
  };
  const auto expected = encode(here->vqgan(Precision::float32));
  const auto got = encode(there->vqgan(Precision::float32));
  EXPECT_LT(difference(got.value, expected.value), kRounding);
  EXPECT_GT(cosine(got.gradient, expected.gradient), 0.9999);
  const auto fast = encode(there->vqgan(Precision::bfloat16));
  EXPECT_LT(difference(fast.value, expected.value), kBfloat16Rounding);
}

TEST_F(NetworksOnDevice, QuantizesToTheSameCodes) {
  models::apply({.tf32 = true});                          // whatever products are made of otherwise
  const auto& vqgan = there->vqgan(Precision::bfloat16);  // the codebook stays exact
  const auto codes = (at::arange(64, at::kLong) * 61).remainder(vqgan.config().codes);
  const auto z = vqgan.embed_codes(codes.view({1, 8, 8}));
  EXPECT_TRUE(at::equal(vqgan.nearest_codes(z).cpu(), codes.view({1, 8, 8})));
  EXPECT_TRUE(
      at::equal(z.cpu(), here->vqgan(Precision::float32).embed_codes(codes.view({1, 8, 8}))));
}

TEST_F(NetworksOnDevice, ClipEncodesLikeTheCpu) {
  const auto& exact = here->clips(Precision::float32).front();
  const auto side = exact.clip.config().resolution;
  const auto images = at::cat({test_image(3, side, side), test_image(3, side, side).flip({3})});
  const auto encode = [&](const render::LoadedClip& loaded) {
    return outcome(images, [&](const at::Tensor& x) { return loaded.clip.image().encode(x); });
  };
  const auto expected = encode(exact);
  const auto got = encode(there->clips(Precision::float32).front());
  EXPECT_LT(difference(got.value, expected.value), kRounding);
  EXPECT_GT(cosine(got.gradient, expected.gradient), 0.9999);
  const auto fast = encode(there->clips(Precision::bfloat16).front());
  EXPECT_LT(difference(fast.value, expected.value), kBfloat16Rounding);
  EXPECT_GT(cosine(fast.gradient, expected.gradient), 0.95);

  const auto context = static_cast<size_t>(exact.clip.config().context);
  const auto tokens =
      at::tensor(exact.tokenizer->frame("a red heart", context), at::kLong).unsqueeze(0);
  const auto& far = there->clips(Precision::bfloat16).front();  // its text tower is float32
  EXPECT_LT(difference(far.clip.text().encode(tokens).cpu(), exact.clip.text().encode(tokens)),
            kRounding);
}

// A vision transformer with class token and positions, as most published CLIPs have; the pair's is
// a ResNet.
TEST_F(NetworksOnDevice, AVisionTransformerEncodesLikeTheCpu) {
  models::ClipConfig config;
  config.resolution = 32;
  config.embed_dim = 16;
  config.vision = {.width = 64, .layers = 2, .heads = 1};
  config.text = {.width = 64, .layers = 1, .heads = 1};
  config.patch = 8;
  config.context = 8;
  config.vocabulary = 32;
  const auto weights = models::testing::synthetic_weights(models::ClipModelImpl(config));
  const models::Clip clip(weights, here_machine.placement(Precision::float32));
  const models::Clip far(weights, there_machine.placement(Precision::float32));
  const auto images = test_image(3, 32, 32);
  const auto expected =
      outcome(images, [&](const at::Tensor& x) { return clip.image().encode(x); });
  const auto got = outcome(images, [&](const at::Tensor& x) { return far.image().encode(x); });
  EXPECT_LT(difference(got.value, expected.value), kRounding);
  EXPECT_GT(cosine(got.gradient, expected.gradient), 0.9999);
}

// Pictures in the order that a device may find faster are the same pictures.
TEST_F(NetworksOnDevice, ChannelsLastGivesTheSame) {
  const auto weights = models::StateDict::load_safetensors(pair_files().vqgan);
  auto placement = there_machine.placement(Precision::float32);
  const models::Vqgan plain(weights, placement);
  placement.tuning.channels_last = true;
  const models::Vqgan last(weights, placement);
  const auto z = plain.embed_codes(at::arange(16, at::kLong).view({1, 4, 4}));
  const auto decode = [&](const models::Vqgan& vqgan) {
    return outcome(z, [&](const at::Tensor& x) { return vqgan.decode(x); });
  };
  const auto expected = decode(plain), got = decode(last);
  EXPECT_LT(difference(got.value, expected.value), kRounding);
  EXPECT_GT(cosine(got.gradient, expected.gradient), 0.9999);
}

}  // namespace
}  // namespace latentreel::testing
