#include "models/files/weights_file.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <string>
#include <utility>

#include "models/files/error.h"
#include "tests/parameter_name.h"
#include "tests/temporary_folder.h"

// tests/models/containers holds one state dict in every container, as PyTorch 2.11 wrote it
// (tests/published/make_files.py --containers), and the same tensors in expected.safetensors.

namespace latentreel::models {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

const fs::path kContainers = fs::path(LATENTREEL_SOURCE_DIR) / "tests/models/containers";

const auto kAll = [](std::string_view) { return true; };

struct Container {
  const char* file;
  const char* words;
  const char* prefix;
};

void PrintTo(const Container& container, std::ostream* out) {
  *out << container.file;
}

class EveryContainer : public ::testing::TestWithParam<Container> {};

TEST_P(EveryContainer, GivesTheSameBits) {
  const auto file = WeightsFile::open(kContainers / GetParam().file);
  EXPECT_EQ(file.container(), GetParam().words);
  const auto taken = file.take([](std::string_view name) { return !name.ends_with("training"); });
  taken.check_finite();
  const auto tensors = taken.below(GetParam().prefix);
  const auto expected = StateDict::load_safetensors(kContainers / "expected.safetensors");
  ASSERT_EQ(tensors.names(), expected.names());
  for (const auto& [name, tensor] : expected.tensors()) {
    SCOPED_TRACE(name);
    const auto& given = tensors.at(name);
    EXPECT_EQ(given.scalar_type(), tensor.scalar_type());
    EXPECT_TRUE(at::equal(given, tensor));
  }
}

// One storage is mapped (or copied) once, whatever views of it there are.
TEST_P(EveryContainer, KeepsSharedStoragesShared) {
  const auto file = WeightsFile::open(kContainers / GetParam().file);
  const std::string prefix = GetParam().prefix;
  const auto tensors = file.take([](std::string_view name) { return !name.ends_with("training"); });
  const auto* base = tensors.at(prefix + "f32").const_data_ptr<float>();
  EXPECT_EQ(tensors.at(prefix + "row").const_data_ptr<float>(), base + 16);
  EXPECT_EQ(tensors.at(prefix + "column").const_data_ptr<float>(), base + 3);
  EXPECT_EQ(tensors.at(prefix + "transposed").const_data_ptr<float>(), base);
}

INSTANTIATE_TEST_SUITE_P(
    Of, EveryContainer,
    ::testing::Values(Container{"zip.pt", "PyTorch checkpoint (zip)", ""},
                      Container{"zip_protocol_4.pt", "PyTorch checkpoint (zip)", ""},
                      Container{"zip_ordered.pt", "PyTorch checkpoint (zip)", ""},
                      Container{"zip_wrapped.pt", "PyTorch checkpoint (zip)", ""},
                      Container{"legacy.pt", "PyTorch checkpoint (legacy)", ""},
                      Container{"legacy_ordered.pt", "PyTorch checkpoint (legacy)", ""},
                      Container{"torchscript.pt", "TorchScript archive", "inner."}),
    printed_name<Container>);

TEST(WeightsFile, TakesWhatIsWantedAndNothingElse) {
  const auto file = WeightsFile::open(kContainers / "zip.pt");
  EXPECT_TRUE(file.contains("f16"));
  EXPECT_FALSE(file.contains("f17"));
  EXPECT_TRUE(file.has_below("trans"));
  EXPECT_FALSE(file.has_below("zz"));
  const auto taken = file.take([](std::string_view name) { return name == "row"; });
  EXPECT_THAT(taken.names(), ::testing::ElementsAre("row"));
  EXPECT_EQ(taken.source(), kContainers / "zip.pt");
}

TEST(WeightsFile, NamesWhatStandsWhereATensorIsWanted) {
  const auto file = WeightsFile::open(kContainers / "zip_training.pt");
  try {
    file.take(kAll);
    FAIL() << "an optimizer's state is no tensor";
  } catch (const WeightsError& error) {
    EXPECT_EQ(error.kind(), WeightsError::Kind::invalid);
    EXPECT_THAT(error.what(), HasSubstr("zip_training.pt"));
    EXPECT_THAT(error.what(), HasSubstr("\"optimizer\""));
    EXPECT_THAT(error.what(), HasSubstr("a dictionary"));
  }
}

// ---- Several files ------------------------------------------------------------------------------

class Shards : public ::testing::Test {
 protected:
  void save(const std::string& name, StateDict::Tensors tensors) const {
    StateDict(std::move(tensors)).save_safetensors(folder_ / name);
  }
  void index(const std::string& map) const {
    folder_.write("model.safetensors.index.json",
                  R"({"metadata": {"total_size": 20}, "weight_map": {)" + map + "}}");
  }
  // Of a network of three tensors in two files.
  void save_all() const {
    save(kFirst, {{"a", at::full({2}, 1.0F)}, {"c", at::full({2}, 3.0F)}});
    save(kSecond, {{"b", at::full({1}, 2.0F)}});
    index(R"("a": "model-00001-of-00002.safetensors", "c": "model-00001-of-00002.safetensors",
             "b": "model-00002-of-00002.safetensors")");
  }
  std::string complaint(const std::string& name) const {
    try {
      WeightsFile::open(folder_ / name);
    } catch (const WeightsError& error) {
      return error.what();
    }
    return "none";
  }

  const std::string kFirst = "model-00001-of-00002.safetensors";
  const std::string kSecond = "model-00002-of-00002.safetensors";
  const std::string kIndex = "model.safetensors.index.json";
  const TemporaryFolder folder_;
};

// By the index, by any of the files, and by the folder.
TEST_F(Shards, AreReadTogether) {
  save_all();
  for (const auto& name : {kIndex, kFirst, kSecond, std::string(), std::string(".")}) {
    SCOPED_TRACE(name);
    const auto file = WeightsFile::open(folder_ / name);
    EXPECT_EQ(file.path().filename(), kIndex);
    EXPECT_EQ(file.container(), "safetensors, 2 files");
    EXPECT_THAT(file.names(), ::testing::ElementsAre("a", "b", "c"));
    EXPECT_EQ(file.files().size(), 3u);
    EXPECT_TRUE(file.contains("b"));
    EXPECT_TRUE(file.has_below("c"));
    const auto taken = file.take(kAll);
    taken.check_finite();
    EXPECT_EQ(taken.at("b").item<float>(), 2.0F);
    EXPECT_EQ(taken.at("c").sum().item<float>(), 6.0F);
    EXPECT_EQ(taken.source(), file.path());
  }
}

TEST_F(Shards, AreCheckedForFiniteNumbersAll) {
  save_all();
  save(kSecond, {{"b", at::full({1}, std::numeric_limits<float>::infinity())}});
  EXPECT_THROW(WeightsFile::open(folder_ / kIndex).take(kAll).check_finite(), WeightsError);
}

TEST_F(Shards, AloneAreNamedAsWhatTheyAre) {
  save_all();
  std::filesystem::remove(folder_ / kIndex);
  EXPECT_THAT(complaint(kFirst), HasSubstr("it is part 1 of 2 of a model. Put the other parts and "
                                           "their index, \"model.safetensors.index.json\""));
  // A number in a name need not mean a part.
  save("model-00001-of-00001.safetensors", {{"a", at::ones({1})}});
  EXPECT_EQ(complaint("model-00001-of-00001.safetensors"), "none");
  save("epoch-00003-of-run.safetensors", {{"a", at::ones({1})}});
  EXPECT_EQ(complaint("epoch-00003-of-run.safetensors"), "none");
}

TEST_F(Shards, HaveToBeThere) {
  save_all();
  std::filesystem::remove(folder_ / kSecond);
  EXPECT_THAT(complaint(kIndex), HasSubstr(kSecond));
}

TEST_F(Shards, HoldWhatTheIndexSaysAndNothingElse) {
  save_all();
  save(kSecond, {{"b", at::ones({1})}, {"d", at::ones({1})}});
  EXPECT_THAT(complaint(kIndex), HasSubstr("tensor \"d\": it is in \"" + kSecond + '"'));
  save(kSecond, {{"a", at::ones({1})}, {"b", at::ones({1})}});  // as in the first
  EXPECT_THAT(complaint(kIndex), HasSubstr("tensor \"a\": it is in \"" + kSecond + '"'));
  save(kSecond, {{"e", at::ones({1})}});
  EXPECT_NE(complaint(kIndex), "none");
  save(kSecond, {});
  EXPECT_THAT(complaint(kIndex), HasSubstr("tensor \"b\": it is not in \"" + kSecond + '"'));
}

TEST_F(Shards, MayBeOfPyTorch) {
  std::filesystem::copy_file(kContainers / "zip.pt", folder_ / "pytorch_model-00001-of-00002.bin");
  save("pytorch_model-00002-of-00002.bin", {{"other", at::ones({1})}});
  std::string map = R"("other": "pytorch_model-00002-of-00002.bin")";
  for (const auto& name : WeightsFile::open(kContainers / "zip.pt").names()) {
    map += ", \"" + name + R"(": "pytorch_model-00001-of-00002.bin")";
  }
  folder_.write("pytorch_model.bin.index.json", R"({"weight_map": {)" + map + "}}");
  const auto taken = WeightsFile::open(folder_.path()).take(kAll);
  taken.check_finite();
  EXPECT_TRUE(
      at::equal(taken.at("f32"),
                StateDict::load_safetensors(kContainers / "expected.safetensors").at("f32")));
  EXPECT_TRUE(taken.contains("other"));
}

TEST_F(Shards, OfAFolderAreNotGuessed) {
  EXPECT_THAT(complaint(""), HasSubstr("it is a folder, and none or several of its files"));
  save("one.safetensors", {{"a", at::ones({1})}});
  EXPECT_EQ(complaint(""), "none");
  save("two.safetensors", {{"a", at::ones({1})}});
  EXPECT_THAT(complaint(""), HasSubstr("Name the file in it"));
}

}  // namespace
}  // namespace latentreel::models
