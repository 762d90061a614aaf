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
#include "models/vqgan/vqgan.h"
#include "tests/models/synthetic.h"
#include "tests/temporary_folder.h"

// What is refused of a model before anything is computed or written with it. Whole files of all
// makers are opened in tests/published.

namespace latentreel::models {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
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
  std::string complaint(const StateDict& weights, Network network,
                        const OpenOptions& options = {}) const {
    const auto file = save(weights);
    try {
      open_model(file, network, options);
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

VqganConfig two_level_vqgan() {
  VqganConfig config;
  config.channels = 32;
  config.multipliers = {1, 2};
  config.attention = {false, false};
  config.residual_blocks = 1;
  config.z_channels = config.embed_dim = 4;
  config.codes = 16;
  return config;
}

StateDict::Tensors vqgan_tensors(const VqganConfig& config = two_level_vqgan()) {
  return synthetic_weights(*VqModel(config)).tensors();
}

// Other tensors under names that begin so.
StateDict::Tensors with_prefix(const std::string& prefix, const StateDict::Tensors& tensors,
                               StateDict::Tensors others = {}) {
  for (const auto& [name, tensor] : tensors) others.emplace(prefix + name, tensor);
  return others;
}

// The same CLIP under Hugging Face's names.
StateDict::Tensors hugging_face_tensors() {
  StateDict::Tensors result;
  const auto theirs = [&result](std::string name, const at::Tensor& tensor) {
    result.emplace(std::move(name), tensor);
  };
  const auto ours = clip_tensors();
  const auto pair = [&](const std::string& from, const std::string& to) {
    theirs(to + ".weight", ours.at(from + ".weight"));
    theirs(to + ".bias", ours.at(from + ".bias"));
  };
  const auto tower = [&](const std::string& from, const std::string& to) {
    const auto block = from + "transformer.resblocks.0.";
    const auto layer = to + "encoder.layers.0.";
    pair(block + "ln_1", layer + "layer_norm1");
    pair(block + "ln_2", layer + "layer_norm2");
    pair(block + "mlp.c_fc", layer + "mlp.fc1");
    pair(block + "mlp.c_proj", layer + "mlp.fc2");
    pair(block + "attn.out_proj", layer + "self_attn.out_proj");
    const auto weights = ours.at(block + "attn.in_proj_weight").chunk(3);
    const auto biases = ours.at(block + "attn.in_proj_bias").chunk(3);
    for (std::size_t i = 0; i < 3; ++i) {
      const auto name = layer + "self_attn." + "qkv"[i] + "_proj.";
      theirs(name + "weight", weights[i].contiguous());
      theirs(name + "bias", biases[i].contiguous());
    }
  };
  tower("", "text_model.");
  tower("visual.", "vision_model.");
  theirs("text_model.embeddings.token_embedding.weight", ours.at("token_embedding.weight"));
  theirs("text_model.embeddings.position_embedding.weight", ours.at("positional_embedding"));
  pair("ln_final", "text_model.final_layer_norm");
  theirs("text_projection.weight", ours.at("text_projection").t().contiguous());
  theirs("vision_model.embeddings.class_embedding", ours.at("visual.class_embedding"));
  theirs("vision_model.embeddings.patch_embedding.weight", ours.at("visual.conv1.weight"));
  theirs("vision_model.embeddings.position_embedding.weight",
         ours.at("visual.positional_embedding"));
  pair("visual.ln_pre", "vision_model.pre_layrnorm");
  pair("visual.ln_post", "vision_model.post_layernorm");
  theirs("visual_projection.weight", ours.at("visual.proj").t().contiguous());
  theirs("logit_scale", ours.at("logit_scale"));
  return result;
}

TEST_F(ModelFiles, OfVqgansAreCheckedToo) {
  auto tensors = vqgan_tensors();
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

// ---- Inside of other networks -------------------------------------------------------------------

TEST_F(ModelFiles, AreFoundUnderAnyPrefix) {
  for (const std::string prefix : {"model.", "clip.", "clip_model.", "_forward_module.module."}) {
    SCOPED_TRACE(prefix);
    const auto file = save(StateDict(with_prefix(prefix, clip_tensors())));
    EXPECT_EQ(network_of(file), Network::clip);
    const auto model = open_model(file, Network::clip);
    EXPECT_EQ(StateDict(clip_tensors()).names(), model.weights.names());
    EXPECT_THAT(model.notes, Contains(HasSubstr("the one under \"" + prefix + '"')));
  }
  for (const std::string prefix : {"model.", "vqgan.", "first_stage_model.", "a.b.c."}) {
    SCOPED_TRACE(prefix);
    const auto file = save(StateDict(with_prefix(prefix, vqgan_tensors())));
    EXPECT_EQ(network_of(file), Network::vqgan);
    EXPECT_EQ(open_model(file, Network::vqgan).weights.names(), StateDict(vqgan_tensors()).names());
  }
  const auto file = save(StateDict(with_prefix("model.clip.", hugging_face_tensors())));
  EXPECT_EQ(open_model(file, Network::clip).naming, "Hugging Face");
}

TEST_F(ModelFiles, AreTheOnesThatFitWholly) {
  auto broken = vqgan_tensors();
  broken.erase("decoder.conv_out.weight");
  const auto both = with_prefix("a.", broken, with_prefix("bb.", vqgan_tensors()));
  EXPECT_THAT(open_model(save(StateDict(both)), Network::vqgan).notes,
              Contains(HasSubstr("the one under \"bb.\"")));
  // Segmentation maps have a network of the same kind, which makes no pictures.
  auto maps = two_level_vqgan();
  maps.in_channels = maps.out_channels = 5;
  const auto stages =
      with_prefix("cond.", vqgan_tensors(maps), with_prefix("first_stage.", vqgan_tensors()));
  EXPECT_THAT(open_model(save(StateDict(stages)), Network::vqgan).notes,
              Contains(HasSubstr("the one under \"first_stage.\"")));
}

TEST_F(ModelFiles, AreAskedForWhereSeveralFit) {
  auto other = vqgan_tensors();
  other.at("decoder.conv_out.bias") = at::full({3}, 7.0F);
  const StateDict two(with_prefix("ema.", other, with_prefix("net.", vqgan_tensors())));
  EXPECT_THAT(complaint(two, Network::vqgan),
              AllOf(HasSubstr("it holds 2 networks of that kind"),
                    HasSubstr("--prefix PREFIX. There are \"ema.\", \"net.\"")));
  for (const std::string given : {"ema", "ema."}) {
    const auto model = open_model(save(two), Network::vqgan, {.prefix = given});
    EXPECT_EQ(model.weights.at("decoder.conv_out.bias")[0].item<float>(), 7.0F);
  }
  EXPECT_THAT(complaint(two, Network::vqgan, {.prefix = "foo"}),
              AllOf(HasSubstr("has the prefix \"foo.\""), HasSubstr("\"ema.\", \"net.\"")));
  // Those without a prefix are the file's own.
  const StateDict own(with_prefix("ema.", other, vqgan_tensors()));
  EXPECT_EQ(
      open_model(save(own), Network::vqgan).weights.at("decoder.conv_out.bias")[0].item<float>(),
      vqgan_tensors().at("decoder.conv_out.bias")[0].item<float>());
}

// Each try builds a network: a file made to hold very many is not tried out.
TEST_F(ModelFiles, AreAskedForWhereVeryManyAreThere) {
  StateDict::Tensors many;
  for (int i = 0; i < 17; ++i) {
    many.emplace(std::to_string(i) + ".decoder.conv_in.weight", at::ones({1}));
    many.emplace(std::to_string(i) + ".quantize.embedding.weight", at::ones({1}));
  }
  EXPECT_THAT(complaint(StateDict(many), Network::vqgan), HasSubstr("it holds 17 networks"));
}

TEST_F(ModelFiles, OfBothKindsAreAskedFor) {
  const auto file =
      save(StateDict(with_prefix("clip.", clip_tensors(), with_prefix("vqgan.", vqgan_tensors()))));
  try {
    network_of(file);
    FAIL();
  } catch (const WeightsError& error) {
    EXPECT_THAT(error.what(), HasSubstr("Say which with --clip or --vqgan"));
  }
  EXPECT_EQ(network_of(file, "vqgan"), Network::vqgan);
  EXPECT_NO_THROW(open_model(file, Network::clip));
}

TEST_F(ModelFiles, HaveOneTensorForAPart) {
  auto tensors = clip_tensors();
  tensors["text.ln_final.bias"] = at::ones({64});
  EXPECT_THAT(complaint(StateDict(tensors), Network::clip),
              HasSubstr("another tensor of the file stands for the same part"));
}

// ---- What is no VQGAN ---------------------------------------------------------------------------

TEST_F(ModelFiles, NearVqgansAreNamedAsWhatTheyAre) {
  auto kl = vqgan_tensors();
  kl.erase("quantize.embedding.weight");
  EXPECT_THAT(complaint(StateDict(kl), Network::vqgan), HasSubstr("KL autoencoder"));
  EXPECT_THAT(complaint(StateDict(with_prefix("first_stage_model.", kl)), Network::vqgan),
              HasSubstr("KL autoencoder"));
  auto movq = vqgan_tensors();
  movq["decoder.mid.block_1.norm1.conv_y.weight"] = at::zeros({64, 4, 1, 1});
  EXPECT_THAT(complaint(StateDict(movq), Network::vqgan), HasSubstr("it is a MoVQ"));
  try {
    network_of(folder_ / "model.safetensors");
    FAIL();
  } catch (const WeightsError& error) {
    EXPECT_THAT(error.what(), HasSubstr("it is a MoVQ"));
  }
}

TEST_F(ModelFiles, OfVqgansMayDoWithoutAttention) {
  auto config = two_level_vqgan();
  config.middle_attention = false;
  const auto model = open_model(save(StateDict(vqgan_tensors(config))), Network::vqgan);
  EXPECT_FALSE(infer_vqgan_config(model.weights).middle_attention);
  // In one half alone it is damage.
  auto half = vqgan_tensors();
  std::erase_if(half,
                [](const auto& item) { return item.first.starts_with("encoder.mid.attn_1."); });
  EXPECT_THAT(complaint(StateDict(half), Network::vqgan),
              HasSubstr("missing:\n    encoder.mid.attn_1.k.bias"));
}

// ---- diffusers ----------------------------------------------------------------------------------

// tests/models/diffusers was written by diffusers 0.42, and with it what its VQModel computes
// (tests/published/make_files.py --diffusers).
TEST(DiffusersModel, ComputesAsItsMakersDo) {
  const fs::path folder = LATENTREEL_SOURCE_DIR "/tests/models/diffusers";
  EXPECT_EQ(network_of(folder), Network::vqgan);
  const auto model = open_model(folder, Network::vqgan, {.finite = StateDict::Finite::check});
  EXPECT_EQ(model.naming, "diffusers");
  EXPECT_EQ(model.sidecar_metadata, "num_groups=2");
  const Vqgan vqgan(model.weights);
  const auto expected = StateDict::load_safetensors(folder / "expected.safetensors");
  const auto near = [](const at::Tensor& actual, const at::Tensor& right) {
    ASSERT_EQ(actual.sizes(), right.sizes());
    EXPECT_LE((actual - right).norm().item<double>(), 2e-5 * right.norm().item<double>());
  };
  near(vqgan.encode(expected.at("image")), expected.at("z"));
  near(vqgan.decode(expected.at("z")), expected.at("picture"));
}

TEST_F(ModelFiles, OfDiffusersAreReadWithTheirConfiguration) {
  const fs::path made = LATENTREEL_SOURCE_DIR "/tests/models/diffusers";
  const auto weights = StateDict::load_safetensors(made / "diffusion_pytorch_model.safetensors");
  const auto with_config = [&](const std::string& text) {
    write("config.json", text);
    return complaint(weights, Network::vqgan);
  };
  EXPECT_EQ(with_config(R"({"_class_name": "VQModel", "norm_num_groups": 2})"), "none");
  EXPECT_THAT(with_config(R"({"_class_name": "AutoencoderKL"})"),
              HasSubstr("it describes another network, \"AutoencoderKL\""));
  EXPECT_THAT(with_config(R"({"act_fn": "relu"})"), HasSubstr("its activation is \"relu\""));
  EXPECT_THAT(with_config(R"({"num_vq_embeddings": 17})"),
              HasSubstr("num_vq_embeddings is 17, but 16 by the tensors"));
  EXPECT_THAT(with_config(R"({"norm_num_groups": 0})"), HasSubstr("not a positive number"));
  EXPECT_THAT(with_config(R"({"norm_num_groups": 3})"),
              HasSubstr("cannot be divided among 3 normalisation groups"));
  EXPECT_THAT(with_config("["), HasSubstr("it is not a JSON object"));
  fs::remove(folder_ / "config.json");  // 32 groups are assumed, which do not fit these
  EXPECT_THAT(complaint(weights, Network::vqgan),
              HasSubstr("cannot be divided among 32 normalisation groups"));
}

TEST_F(ModelFiles, OfDiffusersHoldATensorOnce) {
  const fs::path made = LATENTREEL_SOURCE_DIR "/tests/models/diffusers";
  auto tensors =
      StateDict::load_safetensors(made / "diffusion_pytorch_model.safetensors").tensors();
  tensors["decoder.up.0.block.0.conv1.bias"] = at::ones({4});  // it is decoder.up_blocks.1.…
  EXPECT_THAT(complaint(StateDict(tensors), Network::vqgan), HasSubstr("stands for the same part"));
}

// ---- What tensors do not say --------------------------------------------------------------------

constexpr const char* kUnknownActivation = "Nothing says which activation";

TEST_F(ModelFiles, SayThatTheirActivationIsAssumed) {
  const auto warnings = [&](const StateDict& weights, const OpenOptions& options = {}) {
    return open_model(save(weights), Network::clip, options).warnings;
  };
  const StateDict flat(clip_tensors());
  EXPECT_THAT(warnings(flat),
              Contains(AllOf(HasSubstr(kUnknownActivation), HasSubstr("--activation gelu"))));
  EXPECT_THAT(warnings(StateDict(hugging_face_tensors())), Contains(HasSubstr("config.json")));
  // A person's word, and the file's own.
  EXPECT_THAT(warnings(flat, {.metadata = {{"activation", "gelu"}}}), IsEmpty());
  EXPECT_THAT(warnings(StateDict(clip_tensors(), {{"activation", "gelu"}})), IsEmpty());
  // What only OpenAI's files hold.
  auto tensors = clip_tensors();
  for (const auto* name : {"input_resolution", "context_length", "vocab_size"}) {
    tensors[name] = at::scalar_tensor(1, at::kLong);
  }
  EXPECT_THAT(warnings(StateDict(tensors)), IsEmpty());
  const auto model = open_model(save(StateDict(tensors)), Network::clip);
  EXPECT_EQ(model.weights.metadata("activation"), "quick_gelu");
  write("open_clip_config.json", R"({"model_cfg": {"embed_dim": 16}})");
  EXPECT_THAT(warnings(flat), IsEmpty());
}

TEST_F(ModelFiles, LetAPersonDecideTheActivation) {
  const StateDict weights(hugging_face_tensors());
  const auto config = [](const std::string& act) {
    return R"({"text_config": {"hidden_act": ")" + act +
           R"("}, "vision_config": {"hidden_act": ")" + act + R"("}})";
  };
  write("config.json", config("gelu_new"));
  EXPECT_THAT(complaint(weights, Network::clip),
              AllOf(HasSubstr("\"gelu_new\", which latentreel does not compute"),
                    HasSubstr("nearly the same as gelu"), HasSubstr("--activation gelu"),
                    Not(HasSubstr("move"))));
  const OpenOptions gelu{.metadata = {{"activation", "gelu"}}};
  const auto model = open_model(save(weights), Network::clip, gelu);
  EXPECT_EQ(model.weights.metadata("activation"), "gelu");
  EXPECT_THAT(model.notes, Contains(HasSubstr("\"gelu_new\"; it is taken to be gelu")));
  write("config.json", config("relu"));
  EXPECT_THAT(complaint(weights, Network::clip),
              AllOf(HasSubstr("\"relu\""), Not(HasSubstr("nearly the same"))));
  write("config.json", config("quick_gelu"));
  EXPECT_EQ(open_model(save(weights), Network::clip, gelu).weights.metadata("activation"), "gelu");
}

TEST_F(ModelFiles, HaveHeadsThatDivideTheirWidth) {
  const StateDict weights(hugging_face_tensors());
  const auto heads = [](int count) {
    return R"({"vision_config": {"num_attention_heads": )" + std::to_string(count) + "}}";
  };
  write("config.json", heads(4));
  EXPECT_EQ(open_model(save(weights), Network::clip).weights.metadata("vision_heads"), "4");
  for (const int count : {0, 7}) {
    write("config.json", heads(count));
    EXPECT_THAT(complaint(weights, Network::clip),
                AllOf(HasSubstr("config.json"), HasSubstr("a tower of width 128 has"),
                      HasSubstr("heads are taken to be 64 wide")));
  }
}

}  // namespace
}  // namespace latentreel::models
