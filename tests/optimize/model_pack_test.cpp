#include "src/optimize/model_pack.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "models/files/error.h"
#include "models/files/state_dict.h"
#include "tests/optimize/tiny_pair.h"
#include "tests/temporary_folder.h"

namespace latentreel::render {
namespace {

using ::testing::HasSubstr;

// The pair's files with its CLIP's tokens cut or filled up to `rows`.
ModelFiles files_with_tokens(const TemporaryFolder& folder, int64_t rows) {
  ModelFiles files = testing::tiny_files();
  const auto from = files.clips[0].file;
  files.clips[0].file = folder / "clip.safetensors";
  std::filesystem::copy_file(from.parent_path() / "merges.txt", folder / "merges.txt");
  const auto weights = models::StateDict::load_safetensors(from);
  auto tensors = weights.tensors();
  auto& tokens = tensors.at("token_embedding.weight");
  const auto few = tokens.narrow(0, 0, std::min(rows, tokens.size(0))).clone();
  tokens = at::constant_pad_nd(few, {0, 0, 0, rows - few.size(0)});
  weights.with_tensors(std::move(tensors)).save_safetensors(files.clips[0].file);
  return files;
}

TEST(ModelPack, RefusesAClipWithFewerTokensThanItsMergesMake) {
  const ModelPack whole(testing::tiny_files(), testing::test_machine());
  const TemporaryFolder folder;
  const auto files = files_with_tokens(folder, 1070);  // of 1071
  try {
    const ModelPack pack(files, testing::test_machine());
    ADD_FAILURE() << "nothing was thrown";
  } catch (const models::WeightsError& error) {
    EXPECT_EQ(error.kind(), models::WeightsError::Kind::invalid);
    const std::string told = error.what();
    EXPECT_THAT(told, HasSubstr(files.clips[0].file.string()));
    EXPECT_THAT(told, HasSubstr("1070 rows"));
    EXPECT_THAT(told, HasSubstr((folder / "merges.txt").string() + " make 1071 tokens"));
    EXPECT_THAT(told, HasSubstr("merges.txt that came with this model"));
  }
}

TEST(ModelPack, TakesAClipWithRowsToSpare) {
  const TemporaryFolder folder;
  ModelPack pack(files_with_tokens(folder, 1088), testing::test_machine());
  EXPECT_EQ(pack.clip_identities()[0].config.vocabulary, 1088);
}

}  // namespace
}  // namespace latentreel::render
