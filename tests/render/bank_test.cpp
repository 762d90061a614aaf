#include "src/render/bank.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "models/files/error.h"
#include "models/files/state_dict.h"
#include "src/render/error.h"
#include "src/render/starts.h"
#include "tests/render/tiny_pair.h"

namespace latentreel::render {
namespace {

namespace fs = std::filesystem;

class BankFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        fs::temp_directory_path() /
        ("latentreel-bank-" + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) +
         ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const at::Tensor& codes, const at::Tensor& embeddings, const std::string& captions) {
    models::StateDict({{"codes", codes}, {"embeddings", embeddings}})
        .save_safetensors(folder_ / "bank.safetensors");
    std::ofstream(folder_ / "bank.txt") << captions;
  }

  fs::path folder_;
};

TEST_F(BankFolder, ScoresCosineAndRareWords) {
  write(at::zeros({3, 2, 2}, at::kShort), at::eye(3), "a red cat\na red dog\na blue dog\n");
  const auto bank = Bank::load(folder_, 16);
  // Cosine says entry 2; "cat" is in one caption of three (ln 3), "red" in two (ln 1.5), "a" in all
  // (0): entry 0 holds everything, so 1 against 1 + 0.
  const auto same = at::tensor({0.0f, 0.0f, 1.0f});
  const auto choice = bank.nearest("A RED cat", at::tensor({0.1f, 0.0f, 1.0f}));
  const double length = std::sqrt(1.01);
  EXPECT_EQ(choice.entry, 0);
  EXPECT_NEAR(choice.score, 1 + 0.1 / length, 1e-5);
  // An unknown word weighs 3 and is never matched.
  const auto unknown = bank.nearest("zebra dog", same);
  EXPECT_EQ(unknown.entry, 2);
  EXPECT_NEAR(unknown.score, 1 + std::log(1.5) / (std::log(1.5) + 3), 1e-5);
}

TEST_F(BankFolder, RefusesFilesThatDoNotBelongTogether) {
  write(at::zeros({3, 2, 2}, at::kShort), at::eye(3), "one\ntwo\n");
  EXPECT_THROW(Bank::load(folder_, 16), models::WeightsError);
  write(at::full({1, 2, 2}, 16, at::kShort), at::eye(1), "one\n");
  EXPECT_THROW(Bank::load(folder_, 16), models::WeightsError);
  write(at::zeros({1, 4}, at::kShort), at::eye(1), "one\n");
  EXPECT_THROW(Bank::load(folder_, 16), models::WeightsError);
}

TEST_F(BankFolder, RefusesAnotherClipsEmbedding) {
  write(at::zeros({1, 2, 2}, at::kShort), at::eye(1), "one\n");
  const auto bank = Bank::load(folder_, 16);
  EXPECT_THROW(bank.nearest("one", at::ones({7})), RenderError);
}

TEST(BundledBank, FindsWhatPromptsSay) {
  ModelPack models(testing::files_in(LATENTREEL_SOURCE_DIR "/models/tiny"),
                   testing::test_machine());
  ASSERT_NE(models.bank(), nullptr);
  EXPECT_EQ(models.bank()->size(), 6115);
  scenes::Keyframe keyframe;
  for (const auto& [prompt, expected] : std::vector<std::pair<std::string, std::string>>{
           {"a tree in a blue sky", "a tree in a blue sky"},
           {"a castle on green hills at sunset", "castle"},
           {"a rocket in space", "rocket"}}) {
    keyframe.prompts = {{.text = prompt}};
    const auto choice = nearest_entry(keyframe, models);
    EXPECT_NE(choice.caption.find(expected), std::string::npos) << prompt << ": " << choice.caption;
  }
}

}  // namespace
}  // namespace latentreel::render
