#include <ATen/ops/equal.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "models/clip/clip.h"
#include "models/files/weights_file.h"
#include "models/model_file.h"
#include "models/vqgan/vqgan.h"
#include "tests/parameter_name.h"

// Whole files against the programs that people have them from: make_files.py writes each with the
// makers' own modules and writers, and what those modules compute. Tolerances are those of float32
// sums in another order.

namespace latentreel::models {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::HasSubstr;

constexpr double kTolerance = 2e-5;  // of the expected tensor's length

fs::path case_folder(const std::string& name) {
  return fs::path(LATENTREEL_PUBLISHED_FILES) / name;
}

bool are_there() {
  return fs::exists(case_folder(".complete"));
}

constexpr const char* kSkipped =
    "no files: they are written where cmake/test-python.sh has fetched a Python with PyTorch";

void expect_near(const at::Tensor& actual, const at::Tensor& expected) {
  ASSERT_EQ(actual.sizes(), expected.sizes());
  const auto error = (actual - expected).norm().item<double>();
  EXPECT_LE(error, kTolerance * expected.norm().item<double>());
  EXPECT_GT(expected.norm().item<double>(), 0.1);  // it says something
}

struct ClipCase {
  const char* folder;
  const char* file;
  const char* container;
  const char* naming;
};

void PrintTo(const ClipCase& clip, std::ostream* out) {
  *out << clip.folder;
}

class PublishedClip : public ::testing::TestWithParam<ClipCase> {};

TEST_P(PublishedClip, EmbedsAsItsMakersDo) {
  if (!are_there()) GTEST_SKIP() << kSkipped;
  const auto folder = case_folder(GetParam().folder);
  const auto model =
      open_model(folder / GetParam().file, Network::clip, {.finite = StateDict::Finite::check});
  EXPECT_EQ(model.container, GetParam().container);
  EXPECT_EQ(model.naming, GetParam().naming);
  EXPECT_EQ(network_of(folder / GetParam().file), Network::clip);

  const Clip clip(model.weights);
  const auto expected = StateDict::load_safetensors(folder / "expected.safetensors");
  expect_near(clip.image().encode(expected.at("image")), expected.at("image_embedding"));
  expect_near(clip.text().encode(expected.at("tokens")), expected.at("text_embedding"));
}

// A pack made of it (`models import`) holds everything that the file and those beside it said.
TEST_P(PublishedClip, EmbedsTheSameFromAPackMadeOfIt) {
  if (!are_there()) GTEST_SKIP() << kSkipped;
  const auto folder = case_folder(GetParam().folder);
  const auto model = open_model(folder / GetParam().file, Network::clip);
  auto pattern =
      (fs::path(::testing::TempDir()) / "pack-XXXXXX").string();  // tests run side by side
  const auto pack = fs::path(::mkdtemp(pattern.data())) / "clip.safetensors";
  model.weights.save_safetensors(pack);
  const auto packed = open_model(pack, Network::clip);
  EXPECT_EQ(packed.weights.size(), model.weights.size());

  const Clip clip(packed.weights);
  const auto expected = StateDict::load_safetensors(folder / "expected.safetensors");
  expect_near(clip.image().encode(expected.at("image")), expected.at("image_embedding"));
  expect_near(clip.text().encode(expected.at("tokens")), expected.at("text_embedding"));
  fs::remove_all(pack.parent_path());
}

constexpr const char* kArchive = "TorchScript archive";
constexpr const char* kZip = "PyTorch checkpoint (zip)";
constexpr const char* kLegacy = "PyTorch checkpoint (legacy)";

INSTANTIATE_TEST_SUITE_P(
    OfOpenAI, PublishedClip,
    ::testing::Values(ClipCase{"openai/RN50", "model.pt", kArchive, "OpenAI"},
                      ClipCase{"openai/RN101", "model.pt", kArchive, "OpenAI"},
                      ClipCase{"openai/RN50x4", "model.pt", kArchive, "OpenAI"},
                      ClipCase{"openai/RN50x16", "model.pt", kArchive, "OpenAI"},
                      ClipCase{"openai/RN50x64", "model.pt", kArchive, "OpenAI"},
                      ClipCase{"openai/ViT-B-32", "model.pt", kArchive, "OpenAI"},
                      ClipCase{"openai/ViT-B-16", "model.pt", kArchive, "OpenAI"},
                      ClipCase{"openai/ViT-L-14", "model.pt", kArchive, "OpenAI"},
                      ClipCase{"openai/ViT-L-14-336px", "model.pt", kArchive, "OpenAI"}),
    printed_name<ClipCase>);

INSTANTIATE_TEST_SUITE_P(
    OfOthers, PublishedClip,
    ::testing::Values(
        ClipCase{"hugging_face/quick_gelu", "model.safetensors", "safetensors", "Hugging Face"},
        ClipCase{"hugging_face/gelu", "model.safetensors", "safetensors", "Hugging Face"},
        ClipCase{"hugging_face/bin", "pytorch_model.bin", kZip, "Hugging Face"},
        ClipCase{"open_clip/plain", "open_clip_model.safetensors", "safetensors", "open_clip"},
        ClipCase{"open_clip/parallel", "epoch_3.pt", kZip, "open_clip"},
        ClipCase{"open_clip/custom_text", "open_clip_model.safetensors", "safetensors",
                 "open_clip"}),
    printed_name<ClipCase>);

struct VqganCase {
  const char* folder;
  const char* container;
  int64_t codes;
  bool gumbel;
};

void PrintTo(const VqganCase& vqgan, std::ostream* out) {
  *out << vqgan.folder;
}

class PublishedVqgan : public ::testing::TestWithParam<VqganCase> {};

TEST_P(PublishedVqgan, EncodesAndDecodesAsItsMakersDo) {
  if (!are_there()) GTEST_SKIP() << kSkipped;
  const auto folder = case_folder(GetParam().folder);
  const auto model =
      open_model(folder / "last.ckpt", Network::vqgan, {.finite = StateDict::Finite::check});
  EXPECT_EQ(model.container, GetParam().container);
  EXPECT_EQ(network_of(folder / "last.ckpt"), Network::vqgan);
  EXPECT_THAT(model.notes, Contains(HasSubstr("model.yaml agrees")));
  EXPECT_THAT(model.notes, Contains(HasSubstr("left out")));

  const Vqgan vqgan(model.weights);
  EXPECT_EQ(vqgan.config().codes, GetParam().codes);
  EXPECT_EQ(vqgan.config().gumbel, GetParam().gumbel);
  const auto expected = StateDict::load_safetensors(folder / "expected.safetensors");
  const auto z = vqgan.encode(expected.at("image"));
  expect_near(z, expected.at("z"));
  EXPECT_TRUE(at::equal(vqgan.nearest_codes(z), expected.at("codes")));
  expect_near(vqgan.decode(expected.at("z")), expected.at("picture"));
}

INSTANTIATE_TEST_SUITE_P(OfTaming, PublishedVqgan,
                         ::testing::Values(VqganCase{"vqgan/f16_1024", kLegacy, 64, false},
                                           VqganCase{"vqgan/f16_16384", kZip, 256, false},
                                           VqganCase{"vqgan/gumbel_f8", kZip, 96, true},
                                           VqganCase{"vqgan/transformer", kZip, 96, false},
                                           VqganCase{"vqgan/f4_noattn", kZip, 96, false}),
                         printed_name<VqganCase>);

}  // namespace
}  // namespace latentreel::models
