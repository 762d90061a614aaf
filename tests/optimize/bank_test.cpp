#include "src/optimize/bank.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "models/files/error.h"
#include "models/files/state_dict.h"
#include "src/optimize/starts.h"
#include "src/run/error.h"
#include "tests/optimize/tiny_pair.h"
#include "tests/temporary_folder.h"

namespace latentreel::render {
namespace {

namespace fs = std::filesystem;

class BankFolder : public ::testing::Test {
 protected:
  void write(const at::Tensor& codes, const at::Tensor& embeddings, const std::string& captions) {
    models::StateDict({{"codes", codes}, {"embeddings", embeddings}})
        .save_safetensors(folder_ / "bank.safetensors");
    std::ofstream(folder_ / "bank.txt") << captions;
  }

  TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
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

TEST_F(BankFolder, RanksTheBestFirstAndSaysHowMuchEachHolds) {
  write(at::zeros({3, 2, 2}, at::kShort), at::eye(3), "a red cat\na red dog\na blue dog\n");
  const auto bank = Bank::load(folder_, 16);
  const auto ranked = bank.ranked("a red cat", at::tensor({0.6f, 0.8f, 0.0f}), 10);
  ASSERT_EQ(ranked.size(), 3U);
  EXPECT_EQ(ranked[0].entry, 0);
  EXPECT_EQ(ranked[1].entry, 1);
  EXPECT_NEAR(ranked[0].words, 1, 1e-12);
  EXPECT_NEAR(ranked[0].held, 0.6, 1e-6);
  const double red = std::log(1.5) / (std::log(1.5) + std::log(3.0));
  EXPECT_NEAR(ranked[1].words, red, 1e-12);
  EXPECT_NEAR(ranked[1].held, 0.8 * red, 1e-6);
}

TEST_F(BankFolder, LendsAColourButNothingElse) {
  // Enough of "on a … background" that its words are common ones.
  std::string captions =
      "a cat at sea\na green cat on a white background\na green cat on a blue background\n"
      "a cat on a green background\na dog on a green background\na green dog on a red background\n"
      "a red dog and a cat\na green dog on a white background\n";
  captions += "a tree in space\n";
  constexpr int64_t kOthers = 40;  // and the cat is none of them
  for (int i = 0; i < kOthers; ++i) captions += fmt::format("a thing{} on a black background\n", i);
  constexpr int64_t kAll = kOthers + 9;
  write(at::zeros({kAll, 2, 2}, at::kShort), at::ones({kAll, 3}), captions);
  const auto bank = Bank::load(folder_, 16);

  const auto loan = bank.loan("a green cat at sea", 0);
  ASSERT_TRUE(loan.has_value());
  EXPECT_EQ(loan->entries, (std::vector<int64_t>{1, 2}));
  EXPECT_TRUE(loan->complete);
  // What no caption says stays lacking.
  const auto part = bank.loan("a green cat at sea in glass", 0);
  ASSERT_TRUE(part.has_value());
  EXPECT_FALSE(part->complete);

  // Both colours are there then, but the cat of the picture is not red.
  const auto swapped = bank.loan("a green dog and a red cat", 6);
  ASSERT_TRUE(swapped.has_value());
  EXPECT_FALSE(swapped->complete);

  EXPECT_FALSE(bank.loan("a cat at sea", 0)) << "nothing is lacking";
  EXPECT_FALSE(bank.loan("a purple cat at sea", 0)) << "no picture has it";
  EXPECT_FALSE(bank.loan("a cat at sea beside a tree", 0)) << "a tree would cover the cat";
  EXPECT_FALSE(bank.loan("a cat on a green hill at sea", 0)) << "the hill is green, not the cat";
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
