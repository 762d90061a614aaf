#include "models/vqgan/vqgan.h"
#include "models/vqgan/nearest.h"

#include <gtest/gtest.h>

#include "models/clip/towers.h"
#include "models/ops/gradients.h"
#include "models/vqgan/modules.h"
#include "tests/models/synthetic.h"

// Values of models.md sections 7.4 and 7.5: the published modules in float64.

namespace latentreel::models {
namespace {

using testing::expect_begins;
using testing::expect_norm;
using testing::expect_sum;
using testing::synthetic_weights;
using testing::test_image;

VqganConfig small_config(bool gumbel = false) {
  VqganConfig config;
  config.channels = 32;
  config.multipliers = {1, 2};
  config.attention = {false, true};
  config.residual_blocks = 1;
  config.z_channels = 4;
  config.embed_dim = 4;
  config.codes = 16;
  config.gumbel = gumbel;
  return config;
}

Vqgan small_vqgan(bool gumbel = false) {
  const VqModel model(small_config(gumbel));
  return Vqgan(synthetic_weights(*model));
}

std::vector<int64_t> first_codes(const at::Tensor& codes, int64_t count) {
  const auto flat = codes.flatten().narrow(0, 0, count).contiguous();
  return {flat.data_ptr<int64_t>(), flat.data_ptr<int64_t>() + count};
}

TEST(Vqgan, HasThePublishedParameters) {
  const VqModel model(small_config());
  EXPECT_EQ(model->named_parameters().size(), 155u);
  int64_t count = 0;
  for (const auto& parameter : model->parameters()) count += parameter.numel();
  EXPECT_EQ(count, 706'383);
}

TEST(Vqgan, MayDoWithoutAttentionInTheMiddle) {
  auto config = small_config();
  config.middle_attention = false;
  VqModel model(config);
  EXPECT_EQ(model->named_parameters().size(), 155u - 2 * 10);
  load_strictly(*model, synthetic_weights(*model), {});
  freeze(*model, {});
  const auto x = test_image(64, 4, 4);
  auto& middle = *model->decoder->mid;
  EXPECT_TRUE(at::equal(middle.forward(x), middle.block_2->forward(middle.block_1->forward(x))));
}

TEST(Vqgan, EncodesQuantizesAndDecodesAsPublished) {
  VqModel model(small_config());
  load_strictly(*model, synthetic_weights(*model), {});
  freeze(*model, {});
  const auto raw = model->encoder->forward(test_image(3, 16, 16) * 2 - 1);
  ASSERT_EQ(raw.sizes(), (std::vector<int64_t>{1, 4, 8, 8}));
  expect_begins(raw, {0.002534, 0.025507, 0.0120367, 0.0522003});
  expect_sum(raw, -5.24352, 2e-3);
  expect_norm(raw, 1.865094, 1e-4);

  const auto vqgan = small_vqgan();
  const auto z = vqgan.encode(test_image(3, 16, 16));
  expect_begins(z, {0.0167176, -0.0110503, -0.0229313, -0.009699});
  expect_sum(z, 16.559457, 2e-3);
  expect_norm(z, 1.981265, 1e-4);
  const auto codes = vqgan.nearest_codes(z);
  EXPECT_EQ(first_codes(codes, 16),
            (std::vector<int64_t>{1, 1, 1, 1, 1, 10, 1, 1, 14, 1, 1, 13, 14, 11, 10, 1}));
  const auto histogram = at::bincount(codes.flatten(), {}, 16);
  EXPECT_EQ(first_codes(histogram, 16),
            (std::vector<int64_t>{0, 23, 1, 0, 0, 0, 0, 0, 0, 0, 11, 7, 0, 3, 19, 0}));
  const auto picture = vqgan.decode(vqgan.quantize(z));
  ASSERT_EQ(picture.sizes(), (std::vector<int64_t>{1, 3, 16, 16}));
  expect_begins(picture, {0.0522307, 0.0351838, 0.0730993, 0.1174293});
  expect_sum(picture, 1.307005, 1e-2);
  expect_norm(picture, 4.012864, 1e-3);
}

TEST(Vqgan, TakesPicturesThatAreNotSquare) {
  const auto vqgan = small_vqgan();
  const auto z = vqgan.encode(test_image(3, 24, 16));
  ASSERT_EQ(z.sizes(), (std::vector<int64_t>{1, 4, 12, 8}));
  const auto picture = vqgan.decode(z);
  ASSERT_EQ(picture.sizes(), (std::vector<int64_t>{1, 3, 24, 16}));
  expect_sum(picture, 2.159296, 2e-2);
  expect_norm(picture, 5.064737, 1e-3);
}

TEST(Vqgan, GumbelVariantAgrees) {
  const auto vqgan = small_vqgan(true);
  EXPECT_TRUE(vqgan.config().gumbel);
  const auto logits = vqgan.gumbel_logits(vqgan.encode(test_image(3, 16, 16)));
  ASSERT_EQ(logits.sizes(), (std::vector<int64_t>{1, 16, 8, 8}));
  expect_begins(logits, {0.106283, 0.1102219, 0.1022256});
  expect_sum(logits, -6.639019, 5e-3);
  expect_norm(logits, 3.541712, 1e-3);
  const auto codes = logits.argmax(1);
  EXPECT_EQ(first_codes(codes, 16),
            (std::vector<int64_t>{11, 11, 11, 11, 11, 7, 11, 11, 11, 11, 11, 11, 11, 7, 7, 11}));
  const auto picture = vqgan.decode(vqgan.embed_codes(codes));
  expect_sum(picture, 0.675931, 1e-2);
  expect_norm(picture, 3.992963, 1e-3);
}

TEST(Vqgan, RefusesSizesThatItsFactorDoesNotDivide) {
  EXPECT_THROW(small_vqgan().encode(test_image(3, 15, 16)), c10::Error);
}

// Of many codes they are looked for in pieces, the last of which is smaller.
TEST(Nearest, FindsItselfAmongManyCodes) {
  auto generator = at::detail::createCPUGenerator(5);
  const auto codes = at::randn({16384, 8}, generator);
  const auto numbers = at::randperm(16384, generator, at::kLong).narrow(0, 0, 1000);
  const auto points = codes.index_select(0, numbers) + 1e-4 * at::randn({1000, 8}, generator);
  EXPECT_TRUE(at::equal(nearest(points, codes), numbers));
}

TEST(Vqgan, QuantizePassesTheGradientStraightThrough) {
  const auto vqgan = small_vqgan();
  auto z = test_image(4, 8, 8).requires_grad_();
  const auto weights = test_image(4, 8, 8);
  const auto quantized = vqgan.quantize(z);
  EXPECT_TRUE(at::equal(quantized, vqgan.embed_codes(vqgan.nearest_codes(z))));
  (quantized * weights).sum().backward();
  EXPECT_TRUE(at::equal(z.grad(), weights));
}

// Decode, clamp, normalise, encode, compare: one step of the notebook, end to end.
TEST(EndToEnd, LossAndGradientAgreeWithThePublishedModules) {
  const auto vqgan = small_vqgan();
  ClipConfig config;
  config.resolution = 32;
  config.patch = 16;
  config.embed_dim = 16;
  config.vision = {.width = 128, .layers = 2, .heads = 2};
  config.context = 8;
  config.vocabulary = 64;
  config.text = {.width = 128, .layers = 2, .heads = 2};
  ClipModel model(config);
  load_strictly(*model, synthetic_weights(*model), {});
  freeze(*model, {});

  const auto codes = (at::arange(256, at::kLong) * 5).remainder(16).view({1, 16, 16});
  auto z = vqgan.embed_codes(codes).detach().requires_grad_();
  const auto image = clamp_with_grad((vqgan.decode(vqgan.quantize(z)) + 1) / 2, 0, 1);
  expect_sum(image, 1538.53655, 5e-2);
  const auto channel = [](std::vector<double> values) {
    return at::tensor(values, at::kFloat).view({1, 3, 1, 1});
  };
  const auto features =
      model->visual->forward((image - channel(config.mean)) / channel(config.std));
  const auto text = model->encode_text(at::tensor({62, 5, 9, 17, 63}, at::kLong).unsqueeze(0));
  const auto unit = [](const at::Tensor& x) { return x / x.norm(2, {1}, true).clamp_min(1e-12); };
  const auto loss =
      (unit(features) - unit(text)).norm(2, {1}).div(2).arcsin().square().mul(2).mean();
  EXPECT_NEAR(loss.item<double>(), 1.66297053, 1e-5);
  loss.backward();
  expect_begins(z.grad(), {2.96258e-07, 2.37127e-05, 2.33868e-04, 6.66008e-05}, 2e-6);
  expect_norm(z.grad(), 0.212424, 2e-4);

  expect_begins(vqgan.codebook_min(), {-0.492844, -0.490244, -0.499417, -0.499902}, 1e-5);
  expect_begins(vqgan.codebook_max(), {0.489006, 0.493837, 0.49802, 0.499084}, 1e-5);
}

// Values of the table that came with the first pair.
TEST(TinyVqgan, EncodesAndDecodesAsItsTableSays) {
  const Vqgan vqgan(
      StateDict::load_safetensors(LATENTREEL_SOURCE_DIR "/tests/first_pair/vqgan.safetensors"));
  EXPECT_EQ(vqgan.config().factor(), 8);
  EXPECT_EQ(vqgan.config().groups, 8);
  const auto z = vqgan.encode(test_image(3, 128, 128));
  expect_begins(z, {0.673630, 0.268628, 0.328797, 0.387866}, 1e-3);
  expect_sum(z, -654.3182, 5e-2);
  expect_norm(z, 36.5331, 1e-3);
  const auto codes = vqgan.nearest_codes(z);
  EXPECT_EQ(first_codes(codes, 16), (std::vector<int64_t>{760, 690, 690, 690, 690, 473, 473, 473,
                                                          473, 473, 473, 473, 421, 421, 882, 421}));
  EXPECT_EQ(codes.sum().item<int64_t>(), 119773);
  const auto picture = vqgan.decode(vqgan.quantize(z));
  expect_begins(picture, {0.018584, 0.011505, 0.002271, 0.003322}, 2e-4);
  expect_norm(picture, 5.8017, 1e-3);

  const auto pattern = (at::arange(256, at::kLong) * 5).remainder(1024).view({1, 16, 16});
  const auto decoded = vqgan.decode(vqgan.embed_codes(pattern));
  expect_begins(decoded, {0.197526, 0.215552, 0.210353, 0.214798}, 2e-4);
  expect_sum(decoded, -4849.707, 0.1);
  expect_norm(decoded, 57.5337, 1e-3);
}

// The frozen operators' gradients are the stock operators' gradients.
TEST(FrozenOperators, GradientsEqualThoseOfTrainableOnes) {
  VqModel trainable(small_config());
  load_strictly(*trainable, synthetic_weights(*trainable), {});
  VqModel frozen(small_config());
  load_strictly(*frozen, synthetic_weights(*frozen), {});
  freeze(*frozen, {});
  const auto gradient = [&](VqModel& model) {
    auto image = (test_image(3, 16, 24) * 2 - 1).requires_grad_();
    const auto z = model->quant_conv->forward(model->encoder->forward(image));
    const auto picture = model->decoder->forward(model->post_quant_conv->forward(z));
    (picture * test_image(3, 16, 24)).sum().backward();
    return image.grad();
  };
  const auto expected = gradient(trainable);
  const auto got = gradient(frozen);
  // Of its length: single elements differ with the order of sums, which instruction sets choose.
  EXPECT_LE((got - expected).norm().item<double>(), 1e-4 * expected.norm().item<double>());
  EXPECT_GT(expected.abs().max().item<double>(), 1e-3);
}

}  // namespace
}  // namespace latentreel::models
