#include "models/model_file.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "models/clip/clip.h"
#include "models/clip/towers.h"
#include "models/files/error.h"
#include "models/vqgan/config.h"
#include "models/vqgan/modules.h"
#include "tests/models/synthetic.h"
#include "tests/temporary_folder.h"

// What is refused of a model before anything is computed or written with it. Whole files of all
// makers are opened in tests/published.

namespace latentreel::models {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::synthetic_tensor;
using testing::synthetic_weights;

class ModelFiles : public ::testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) const {
    temporary_.write(name, text);
  }
  fs::path save(const StateDict& weights) const {
    const auto file = folder_ / "model.safetensors";
    weights.save_safetensors(file);
    return file;
  }
  std::string complaint(const StateDict& weights, Network network) const {
    const auto file = save(weights);
    try {
      open_model(file, network);
    } catch (const WeightsError& error) {
      EXPECT_EQ(error.kind(), WeightsError::Kind::invalid);
      return error.what();
    }
    return "none";
  }

  TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
};

ClipConfig one_layer_vit() {
  ClipConfig config;
  config.tower = ClipConfig::Tower::vit;
  config.resolution = 32;
  config.patch = 16;
  config.embed_dim = 16;
  config.vision = {.width = 128, .layers = 1, .heads = 2};
  config.context = 8;
  config.vocabulary = 64;
  config.text = {.width = 64, .layers = 1, .heads = 1};
  return config;
}

StateDict::Tensors clip_tensors(const ClipConfig& config = one_layer_vit()) {
  return synthetic_weights(*ClipModel(config)).tensors();
}

TEST_F(ModelFiles, LackNothingAndHoldNothingElse) {
  auto tensors = clip_tensors();
  EXPECT_EQ(complaint(StateDict(tensors), Network::clip), "none");
  tensors.erase("visual.ln_post.weight");
  tensors.at("ln_final.bias") = at::zeros({1});
  tensors.emplace("visual.foo", at::zeros({2}));
  const auto text = complaint(StateDict(tensors), Network::clip);
  EXPECT_THAT(text, HasSubstr("1 missing:\n    visual.ln_post.weight"));
  EXPECT_THAT(text, HasSubstr("1 unexpected:\n    visual.foo"));
  EXPECT_THAT(text, HasSubstr("ln_final.bias [1], wanted [64]"));
}

TEST_F(ModelFiles, OfVqgansAreCheckedToo) {
  VqganConfig config;
  config.channels = 32;
  config.multipliers = {1, 2};
  config.attention = {false, false};
  config.residual_blocks = 1;
  config.z_channels = config.embed_dim = 4;
  config.codes = 16;
  auto tensors = synthetic_weights(*VqModel(config)).tensors();
  EXPECT_EQ(complaint(StateDict(tensors), Network::vqgan), "none");
  tensors.erase("decoder.norm_out.bias");
  EXPECT_THAT(complaint(StateDict(tensors), Network::vqgan), HasSubstr("decoder.norm_out.bias"));
}

TEST_F(ModelFiles, MayHaveAProjectionAsALayer) {
  auto tensors = clip_tensors();
  const auto projection = tensors.at("text_projection");
  tensors.erase("text_projection");
  tensors["text_projection.weight"] = projection.t().contiguous();
  const auto model = open_model(save(StateDict(tensors)), Network::clip);
  EXPECT_TRUE(at::equal(model.weights.at("text_projection"), projection));
  tensors["text_projection.weight"] = at::zeros({2, 2, 2});
  EXPECT_THAT(complaint(StateDict(tensors), Network::clip), HasSubstr("it has 3 dimensions"));
}

TEST_F(ModelFiles, MayHaveOtherHiddenWidths) {
  auto config = one_layer_vit();
  config.vision.hidden = 300;
  const auto model = open_model(save(StateDict(clip_tensors(config))), Network::clip);
  EXPECT_EQ(Clip(model.weights).config().vision.hidden, 300);
}

TEST_F(ModelFiles, AreNotComputedWithWhatOtherModelsSay) {
  const StateDict weights(clip_tensors());
  write("open_clip_config.json",
        R"({"model_cfg": {"embed_dim": 512, "vision_cfg": {"width": 768}}})");
  EXPECT_THAT(
      complaint(weights, Network::clip),
      HasSubstr(
          "it belongs to another model: its embedding's length is 512, but 16 by the tensors"));
  write("open_clip_config.json", R"({"hidden_size": 512})");
  EXPECT_THAT(complaint(weights, Network::clip), HasSubstr("it does not describe a CLIP"));
  write("open_clip_config.json",
        R"({"model_cfg": {"embed_dim": 16, "vision_cfg": {"width": 128}},
            "preprocess_cfg": {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0, 0.5]}})");
  EXPECT_THAT(complaint(weights, Network::clip), HasSubstr("deviation that is not positive"));
}

}  // namespace
}  // namespace latentreel::models
