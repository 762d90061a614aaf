#include "models/vqgan/yaml_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/files/error.h"
#include "tests/models/bytes.h"
#include "tests/temporary_folder.h"

namespace latentreel::models {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::repeated;

// The published form (models.md section 3.7).
constexpr std::string_view kYaml = R"(# taming-transformers
model:
  base_learning_rate: 4.5e-06
  target: taming.models.vqgan.VQModel
  params:
    embed_dim: 256
    n_embed: 1024
    monitor: val/rec_loss
    ddconfig:
      double_z: false
      z_channels: 256
      resolution: 256
      in_channels: 3
      out_ch: 3
      ch: 128
      ch_mult:
      - 1
      - 1
      - 2
      - 2
      - 4
      num_res_blocks: 2
      attn_resolutions:
      - 16
      dropout: 0.0   # of no matter here
    lossconfig:
      target: taming.modules.losses.vqperceptual.VQLPIPSWithDiscriminator
      params:
        disc_start: 0
data:
  target: main.DataModuleFromConfig
)";

VqganConfig published_config() {
  VqganConfig config;
  config.attention = {false, false, false, false, true};
  return config;
}

std::string yaml_complaint(std::string_view text, const VqganConfig& config = published_config()) {
  try {
    check_against_yaml_text(config, text, "models/f16.yaml", "models/last.ckpt");
  } catch (const WeightsError& error) {
    EXPECT_EQ(error.kind(), WeightsError::Kind::invalid);
    EXPECT_THAT(error.what(), HasSubstr("reading the model's configuration models/f16.yaml"));
    return error.what();
  }
  return "none";
}

std::string with(std::string_view from, std::string_view to) {
  std::string text(kYaml);
  const auto at = text.find(from);
  EXPECT_NE(at, text.npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(YamlConfig, AgreesWithTheShapes) {
  EXPECT_EQ(yaml_complaint(kYaml), "none");
  EXPECT_EQ(yaml_complaint(with("double_z: false", "double_z: False")), "none");
  EXPECT_EQ(yaml_complaint(with("VQModel", "VQNoDiscModel")), "none") << "another plain codebook";
}

// latent-diffusion's networks without attention, wherever attn_resolutions would have it.
TEST(YamlConfig, MaySayThatThereIsNoAttention) {
  const auto none = with("double_z: false", "double_z: false\n      attn_type: none");
  auto config = published_config();
  EXPECT_THAT(yaml_complaint(none, config),
              HasSubstr("attn_type: attention is not wanted, in the tensors it is there"));
  config.middle_attention = false;
  EXPECT_THAT(yaml_complaint(kYaml, config),
              HasSubstr("attn_type: attention is wanted, in the tensors it is not"));
  config.attention.assign(5, false);
  EXPECT_EQ(yaml_complaint(none, config), "none");
}

TEST(YamlConfig, ReadsFlowStyle) {
  constexpr std::string_view kFlow =
      "{model: {target: a.VQModel, params: {embed_dim: 256, n_embed: 1024, ddconfig: {double_z: "
      "False, z_channels: 256, resolution: 256, in_channels: 3, out_ch: 3, ch: 128, ch_mult: "
      "[1,1,2,2,4], num_res_blocks: 2, attn_resolutions: [16]}}}}";
  EXPECT_EQ(yaml_complaint(kFlow), "none");
  auto other = published_config();
  other.multipliers = {1, 2};
  EXPECT_THAT(yaml_complaint(kFlow, other),
              HasSubstr("ch_mult: [1, 1, 2, 2, 4], by the tensors [1, 2]"));
}

TEST(YamlConfig, DoesNotMissKeys) {
  EXPECT_EQ(yaml_complaint("model: {params: {ddconfig: {}}}"), "none");
  EXPECT_EQ(yaml_complaint("model: {params: {ddconfig: {attn_resolutions: [7]}}}"), "none")
      << "without a resolution nobody knows where that is";
}

TEST(YamlConfig, TellsEveryDisagreement) {
  const std::vector<std::pair<std::string, std::string>> changes{
      {"embed_dim: 256", "embed_dim: 4"},
      {"n_embed: 1024", "n_embed: 16384"},
      {"double_z: false", "double_z: true"},
      {"z_channels: 256", "z_channels: 4"},
      {"in_channels: 3", "in_channels: 182"},
      {"out_ch: 3", "out_ch: 182"},
      {" ch: 128", " ch: 64"},
      {"num_res_blocks: 2", "num_res_blocks: 3"},
  };
  for (const auto& [from, to] : changes) {
    EXPECT_THAT(yaml_complaint(with(from, to)),
                AllOf(HasSubstr("it disagrees with last.ckpt"), HasSubstr(", by the tensors "),
                      HasSubstr("They do not belong together")))
        << to;
  }
  EXPECT_THAT(yaml_complaint(with("n_embed: 1024", "n_embed: 16384")),
              HasSubstr("n_embed: 16384, by the tensors 1024"));
  EXPECT_THAT(yaml_complaint(with("double_z: false", "double_z: True")),
              HasSubstr("double_z: true, by the tensors false"));
  EXPECT_THAT(yaml_complaint(with("VQModel", "GumbelVQ")),
              HasSubstr("target: \"taming.models.vqgan.GumbelVQ\", by the tensors a plain"));
  EXPECT_THAT(yaml_complaint(with("      - 4\n", "")), HasSubstr("ch_mult: [1, 1, 2, 2], by"));
  EXPECT_THAT(yaml_complaint(with("      - 16", "      - 32")),
              AllOf(HasSubstr("attention at 32x32 is wanted, in the tensors it is not"),
                    HasSubstr("attention at 16x16 is not wanted, in the tensors it is there")));
  // All at once.
  auto other = published_config();
  other.codes = 8;
  other.embed_dim = 9;
  EXPECT_THAT(yaml_complaint(kYaml, other),
              AllOf(HasSubstr("n_embed"), HasSubstr("embed_dim: 256")));
  other.gumbel = true;
  EXPECT_THAT(yaml_complaint(kYaml, other), HasSubstr("by the tensors a Gumbel quantizer"));
}

TEST(YamlConfig, ReadsATransformersFirstStage) {
  const std::string yaml = R"(model:
  target: taming.models.cond_transformer.Net2NetTransformer
  params:
    cond_stage_key: depth
    transformer_config: {params: {n_embed: 1536}}
    first_stage_config:
      target: taming.models.vqgan.GumbelVQ
      params: {embed_dim: 256, n_embed: 8192, ddconfig: {ch: 128}}
    cond_stage_config:
      target: taming.models.vqgan.VQModel
      params: {embed_dim: 4, n_embed: 16, ddconfig: {ch: 64}}
)";
  auto config = published_config();
  config.gumbel = true;
  config.codes = 8192;
  EXPECT_EQ(yaml_complaint(yaml, config), "none");
  EXPECT_THAT(yaml_complaint(yaml), HasSubstr("n_embed: 8192, by the tensors 1024"));
}

TEST(YamlConfig, RefusesWhatIsNoConfiguration) {
  EXPECT_THAT(yaml_complaint("<!DOCTYPE html>\n<html></html>"), HasSubstr("it is a web page"));
  EXPECT_THAT(yaml_complaint("\n  <html>"), HasSubstr("it is a web page"));
  for (const auto* text : {"", "# nothing", "7", "- 1", "model: 7", "model: {params: []}",
                           "model: {params: {ddconfig: 7}}", "{model: {params: {}}}",
                           "model: {params: {first_stage_config: {params: 3}}}"}) {
    EXPECT_THAT(yaml_complaint(text), HasSubstr("there is no model.params.ddconfig in it")) << text;
  }
  for (const auto* text : {"model: [", "a: b: c", "*nowhere", "{]}"}) {
    EXPECT_THAT(yaml_complaint(text), HasSubstr("it is not valid YAML: line ")) << text;
  }
  EXPECT_THAT(yaml_complaint(std::string("\0\1\2\3", 4)), Not(HasSubstr("none")));
  EXPECT_THAT(yaml_complaint(with("n_embed: 1024", "n_embed: many")),
              HasSubstr("n_embed is not of the right type"));
  EXPECT_THAT(yaml_complaint(with("n_embed: 1024", "n_embed: 99999999999999999999")),
              HasSubstr("n_embed is not of the right type"));
  EXPECT_THAT(yaml_complaint(with("n_embed: 1024", "n_embed: ~")),
              HasSubstr("n_embed is not of the right type"));
  EXPECT_THAT(yaml_complaint(with("n_embed: 1024", "n_embed: [1024]")),
              HasSubstr("n_embed is not of the right type"));
  EXPECT_THAT(yaml_complaint(with("double_z: false", "double_z: perhaps")),
              HasSubstr("double_z is not of the right type"));
  EXPECT_THAT(yaml_complaint(with("      - 4\n", "      - four\n")),
              HasSubstr("ch_mult is not of the right type"));
}

TEST(YamlConfig, IsBounded) {
  EXPECT_THAT(yaml_complaint(std::string(300'000, '#')),
              HasSubstr("larger than any configuration"));
  for (const auto* nested : {"[", "{", "[{", "- ", "? ", "- ? ", "{a: ", "\n[", "!a [", "&a ["}) {
    EXPECT_THAT(yaml_complaint(repeated(nested, 10'000)), HasSubstr("it is nested too deeply"))
        << nested;
  }
  std::string deeper;
  for (int i = 0; i < 600; ++i) deeper.append(static_cast<std::size_t>(i), ' ').append("a:\n");
  EXPECT_THAT(yaml_complaint(deeper), HasSubstr("it is nested too deeply"));
  // Each alias holds the one before ten times: ten thousand million values, were they spelt out.
  std::string laughs = "a0: &a0 x\n";
  for (int i = 1; i <= 10; ++i) {
    const auto alias = "*a" + std::to_string(i - 1);
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" +
              repeated(alias + ", ", 9) + alias + "]\n";
  }
  EXPECT_EQ(yaml_complaint(laughs + std::string(kYaml)), "none");
  EXPECT_THAT(yaml_complaint(laughs + "model: {params: {ddconfig: {ch_mult: *a10}}}"),
              HasSubstr("ch_mult is not of the right type"));
  // A list of a hundred thousand numbers does not make a message of as many.
  EXPECT_THAT(
      yaml_complaint("model: {params: {ddconfig: {ch_mult: [" + repeated("1,", 100'000) + "]}}}"),
      HasSubstr("ch_mult: 100000 numbers, by the tensors [1, 1, 2, 2, 4]"));
}

class YamlBeside : public ::testing::Test {
 protected:
  void write(const char* name, std::string_view text) const {
    std::ofstream(folder_ / name) << text;
  }
  TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
};

TEST_F(YamlBeside, IsOfTheSameStemOrCalledModel) {
  const auto checkpoint = folder_ / "last.ckpt";
  EXPECT_EQ(yaml_beside(checkpoint), std::nullopt);
  write("model.yaml", kYaml);
  EXPECT_EQ(yaml_beside(checkpoint), folder_ / "model.yaml");
  write("last.yaml", kYaml);
  EXPECT_EQ(yaml_beside(checkpoint), folder_ / "last.yaml");
  check_against_yaml(published_config(), folder_ / "last.yaml", checkpoint);
  EXPECT_THROW(check_against_yaml(published_config(), folder_, checkpoint), WeightsError);
  write("empty.yaml", "");
  EXPECT_THROW(check_against_yaml(published_config(), folder_ / "empty.yaml", checkpoint),
               WeightsError);
}

}  // namespace
}  // namespace latentreel::models
