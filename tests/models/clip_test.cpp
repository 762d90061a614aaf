#include "models/clip/clip.h"

#include <gtest/gtest.h>

#include "models/clip/towers.h"
#include "models/files/error.h"
#include "tests/models/synthetic.h"

// Values of models.md sections 7.2 and 7.3: the published modules in float64.

namespace latentreel::models {
namespace {

using testing::expect_begins;
using testing::expect_norm;
using testing::expect_sum;
using testing::synthetic_tensor;
using testing::synthetic_weights;
using testing::test_image;

ClipConfig small_vit() {
  ClipConfig config;
  config.tower = ClipConfig::Tower::vit;
  config.resolution = 32;
  config.patch = 16;
  config.embed_dim = 16;
  config.vision = {.width = 128, .layers = 2, .heads = 2};
  config.context = 8;
  config.vocabulary = 64;
  config.text = {.width = 128, .layers = 2, .heads = 2};
  return config;
}

ClipConfig small_resnet() {
  ClipConfig config;
  config.tower = ClipConfig::Tower::resnet;
  config.resolution = 64;
  config.embed_dim = 16;
  config.stages = {1, 1, 1, 1};
  config.width = 8;
  config.pool_heads = 4;
  config.context = 8;
  config.vocabulary = 64;
  config.text = {.width = 64, .layers = 1, .heads = 1};
  return config;
}

ClipModel loaded(const ClipConfig& config) {
  ClipModel model(config);
  load_strictly(*model, synthetic_weights(*model), {});
  freeze(*model, {});
  return model;
}

int64_t parameter_count(const torch::nn::Module& module) {
  int64_t count = 0;
  for (const auto& parameter : module.parameters()) count += parameter.numel();
  return count;
}

at::Tensor tokens(std::vector<int64_t> ids) {
  return at::tensor(ids, at::kLong).unsqueeze(0);
}

TEST(SyntheticWeights, FollowTheFormula) {
  expect_begins(synthetic_tensor("visual.class_embedding", {128}),
                {0.0498262, -0.0923998, -0.0260157}, 1e-6);
  expect_begins(synthetic_tensor("visual.conv1.weight", {128, 3, 16, 16}),
                {0.0190076, -0.0328657, -0.0105385}, 1e-6);
  expect_begins(synthetic_tensor("text_projection", {128, 16}), {0.0116994, 0.2461372, -0.0751262},
                1e-6);
}

TEST(VitClip, HasThePublishedParameters) {
  const ClipModel model(small_vit());
  EXPECT_EQ(model->named_parameters().size(), 62u);
  EXPECT_EQ(parameter_count(*model), 906'241);
}

TEST(VitClip, EncodesImagesAsPublished) {
  auto model = loaded(small_vit());
  const auto image = test_image(3, 32, 32);
  const auto patches = model->visual->as<VisionTransformerImpl>()->conv1->forward(image);
  expect_begins(patches, {-0.0282653, -0.027963, -0.0272601, -0.0258201}, 1e-5);
  expect_sum(patches, -0.072438, 1e-3);
  expect_norm(patches, 0.44664, 1e-4);
  const auto embedding = model->visual->forward(image);
  expect_begins(embedding, {0.6807664, -0.2697281, -0.6112605, 0.4272432, 0.5011646, -0.5563878,
                            -0.3577896, 0.6485862, 0.190656, -0.6977161, -0.0108622, 0.7005153,
                            -0.1696528, -0.6567976, 0.3389023, 0.5694662});
  expect_norm(embedding, 2.028569, 1e-4);
}

TEST(VitClip, EncodesTextAsPublished) {
  auto model = loaded(small_vit());
  const auto first = model->encode_text(tokens({62, 5, 9, 17, 63, 0, 0, 0}));
  expect_begins(first, {-0.0027937, 0.1549148, -0.0371261, -0.1453478, 0.0745807, 0.1261293});
  expect_norm(first, 0.429185, 1e-4);
  const auto second = model->encode_text(tokens({62, 63, 0, 0, 0, 0, 0, 0}));
  expect_begins(second, {0.0977725, 0.3177593, -0.1796556, -0.2714641});
  expect_norm(second, 0.965767, 1e-4);
  const auto third = model->encode_text(tokens({62, 1, 2, 3, 4, 5, 6, 63}));
  expect_begins(third, {0.0010977, 0.1804841, -0.0476065, -0.1682165});
  expect_norm(third, 0.501754, 1e-4);

  const auto unit = [](const at::Tensor& x) { return x / x.norm(); };
  const auto image = unit(model->visual->forward(test_image(3, 32, 32)));
  const auto scale = model->logit_scale.exp();
  EXPECT_NEAR((scale * (image * unit(first)).sum()).item<double>(), -24.814656, 1e-3);
  EXPECT_NEAR((scale * (image * unit(second)).sum()).item<double>(), 6.605299, 1e-3);
  EXPECT_NEAR((scale * (image * unit(third)).sum()).item<double>(), -22.363554, 1e-3);
}

TEST(Transformer, FirstTokenAloneIsTheFirstTokenOfAll) {
  auto model = loaded(small_vit());
  auto& transformer = model->visual->as<VisionTransformerImpl>()->transformer;
  const auto x = test_image(3, 10, 128).view({3, 10, 128});
  EXPECT_TRUE(at::allclose(transformer->forward_first(x), transformer->forward(x).select(1, 0),
                           1e-5, 1e-5));
}

TEST(VitClip, TextIgnoresPaddingAndShortRowsGiveTheSame) {
  auto model = loaded(small_vit());
  EXPECT_TRUE(at::allclose(model->encode_text(tokens({62, 5, 9, 17, 63, 0, 0, 0})),
                           model->encode_text(tokens({62, 5, 9, 17, 63})), 1e-5, 1e-6));
}

TEST(ResnetClip, HasThePublishedParameters) {
  const ClipModel model(small_resnet());
  EXPECT_EQ(parameter_count(*model), 386'285);
}

// The same numbers with BatchNorm apart and folded into its convolution.
TEST(ResnetClip, EncodesImagesAsPublished) {
  auto model = loaded(small_resnet());
  auto& tower = *model->visual->as<ModifiedResNetImpl>();
  for (const bool folded : {false, true}) {
    SCOPED_TRACE(folded ? "folded" : "apart");
    if (folded) tower.fold({});
    const auto stem = tower.stem(test_image(3, 64, 64));
    ASSERT_EQ(stem.sizes(), (std::vector<int64_t>{1, 8, 16, 16}));
    expect_sum(stem, 84.291454, 1e-2);
    expect_norm(stem, 2.790593, 1e-4);
    const auto layer1 = tower.stage(0, stem);
    expect_begins(layer1, {0.0255675, 0.0295339, 0.0304849});
    expect_sum(layer1, 563.779941, 5e-2);
    expect_norm(layer1, 10.595737, 1e-3);
    const auto layer2 = tower.stage(1, layer1);
    expect_sum(layer2, 327.916115, 5e-2);
    expect_norm(layer2, 8.911259, 1e-3);
    const auto layer4 = tower.stage(3, tower.stage(2, layer2));
    ASSERT_EQ(layer4.sizes(), (std::vector<int64_t>{1, 256, 2, 2}));
    expect_sum(layer4, 144.959758, 5e-2);
    expect_norm(layer4, 7.980481, 1e-3);
    const auto embedding = tower.forward(test_image(3, 64, 64));
    expect_begins(
        embedding,
        {-0.0621569, -1.9535201, 0.4078619, 1.8882662, -0.7438683, -1.76332, 1.0595971, 1.5817781},
        3e-4);
    expect_sum(embedding, 0.181671, 1e-3);
    expect_norm(embedding, 5.459076, 5e-4);
  }
}

TEST(ClipConfig, IsInferredFromShapes) {
  for (const auto& config : {small_vit(), small_resnet()}) {
    const ClipModel model(config);
    const auto inferred = infer_clip_config(synthetic_weights(*model));
    EXPECT_EQ(inferred.tower, config.tower);
    EXPECT_EQ(inferred.resolution, config.resolution);
    EXPECT_EQ(inferred.embed_dim, config.embed_dim);
    EXPECT_EQ(inferred.stages, config.stages);
    EXPECT_EQ(inferred.context, config.context);
    EXPECT_EQ(inferred.vocabulary, config.vocabulary);
    EXPECT_EQ(inferred.text.heads, config.text.heads);
    EXPECT_EQ(inferred.text.layers, config.text.layers);
  }
}

TEST(ClipConfig, NamesWhatIsMissing) {
  try {
    infer_clip_config(StateDict());
    FAIL() << "an empty file is no CLIP";
  } catch (const WeightsError& error) {
    EXPECT_NE(std::string(error.what()).find("visual.layer1.0.conv1.weight"), std::string::npos)
        << error.what();
  }
}

// Values of the table that came with the first pair.
TEST(TinyClip, EncodesAsItsTableSays) {
  const Clip clip(
      StateDict::load_safetensors(LATENTREEL_SOURCE_DIR "/tests/first_pair/clip.safetensors"));
  EXPECT_EQ(clip.config().resolution, 64);
  const auto image = clip.image().encode(test_image(3, 64, 64));
  expect_begins(image, {14.493495, 1.289691, -8.725347, 5.060173}, 1e-3);
  expect_norm(image, 87.506386, 5e-3);
  const auto heart = clip.text().encode(tokens({1069, 320, 551, 681, 525, 320, 533, 523, 1070}));
  expect_begins(heart, {-0.640993, -1.489745, -1.122440, 1.424677});
  expect_norm(heart, 17.065741, 1e-3);
  const auto zebra =
      clip.text().encode(tokens({1069, 89, 68, 574, 320, 281, 320, 554, 756, 549, 863, 256, 1070}));
  expect_begins(zebra, {0.895711, -0.968752, -1.366514, -1.435710});
}

TEST(TinyClip, IsDifferentiableInItsPictures) {
  const Clip clip(
      StateDict::load_safetensors(LATENTREEL_SOURCE_DIR "/tests/first_pair/clip.safetensors"));
  auto image = test_image(3, 64, 64).requires_grad_();
  clip.image().encode(image).sum().backward();
  ASSERT_TRUE(image.grad().defined());
  EXPECT_GT(image.grad().abs().max().item<double>(), 0);
}

}  // namespace
}  // namespace latentreel::models
