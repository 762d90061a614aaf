#include "models/files/weights_file.h"

#include <ATen/ops/equal.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "models/files/error.h"

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
                      Container{"torchscript.pt", "TorchScript archive", "inner."}));

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

}  // namespace
}  // namespace latentreel::models
