#include "src/library/model_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "models/files/error.h"
#include "tests/library/folder.h"

namespace latentreel::library {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::thrown;

class ModelFolders : public testing::FolderTest {
 protected:
  // A pack with a VQGAN of that name below `data`, a user's data folder.
  fs::path pack(const fs::path& data, const std::string& name) const {
    const auto file = data / "latentreel/models" / name / "vqgan.safetensors";
    fs::create_directories(file.parent_path());
    std::ofstream(file).flush();
    return file;
  }
  static fs::path find(const std::string& name) {
    return ModelNames::standard({}).find(name, ModelKind::vqgan);
  }
};

TEST_F(ModelFolders, AreTheUsersAndThePrograms) {
  const Variable data("XDG_DATA_HOME", folder_ / "data");
  const auto file = pack(folder_ / "data", "mine");
  EXPECT_EQ(find("mine"), file);
  EXPECT_EQ(find("tiny"), fs::path(LATENTREEL_SOURCE_DIR "/models/tiny/vqgan.safetensors"));
  const auto error = thrown<LibraryError>([] { find("yours"); });
  EXPECT_EQ(error.kind(), LibraryError::Kind::unknown);
  EXPECT_THAT(error.what(), AllOf(HasSubstr("Known here: mine, tiny."), HasSubstr("models list")));
}

TEST_F(ModelFolders, FindASlashInAName) {
  const Variable data("XDG_DATA_HOME", folder_ / "data");
  const auto file = pack(folder_ / "data", "ViT-B-16");
  EXPECT_EQ(find("ViT-B/16"), file);
  EXPECT_EQ(find("ViT-B-16"), file);
  EXPECT_TRUE(ModelNames::standard({}).has("ViT-B/16"));
}

// What is not here but known is named with the call that brings it.
TEST_F(ModelFolders, SayHowToFetchAPublishedModel) {
  const Variable data("XDG_DATA_HOME", folder_ / "data");
  const auto error =
      thrown<LibraryError>([] { ModelNames::standard({}).find("ViT-B/16", ModelKind::clip); });
  EXPECT_EQ(std::string(error.what()),
            "finding the CLIP \"ViT-B/16\": it is not on this machine. Known here: tiny. To get it "
            "(about 350 MB, licence: MIT): latentreel models fetch ViT-B/16");
}

TEST_F(ModelFolders, ListPacksOnceAndNoneInTheMaking) {
  const Variable data("XDG_DATA_HOME", folder_ / "data");
  pack(folder_ / "data", "tiny");
  pack(folder_ / "data", ".mine.part-1");
  const auto packs = ModelNames::standard({}).packs();
  ASSERT_EQ(packs.size(), 1u);
  EXPECT_EQ(packs.front().name, "tiny");
  EXPECT_FALSE(packs.front().bundled);  // find() finds the user's first, too
}

TEST_F(ModelFolders, FindAPackByItsPath) {
  const auto folder = pack(folder_, "mine").parent_path();
  for (const auto& path : {folder.string(), folder.string() + "/", (folder / ".").string()}) {
    const auto found = pack_at(path);
    ASSERT_TRUE(found) << path;
    EXPECT_EQ(found->name, "mine");
    EXPECT_EQ(found->kinds, std::vector{ModelKind::vqgan});
    EXPECT_FALSE(found->bundled);
  }
  EXPECT_TRUE(pack_at(LATENTREEL_SOURCE_DIR "/models/tiny")->bundled);
  EXPECT_FALSE(pack_at("mine"));  // a name
  EXPECT_FALSE(pack_at((folder_ / "not-there").string()));
  EXPECT_FALSE(pack_at(folder_.string()));  // no pack is in it itself
}

// As makers publish them, in a folder of their own.
TEST_F(ModelFolders, FindTheWeightsInAFolderThatIsNoPack) {
  const auto folder = folder_ / "theirs";
  write(folder / "model.safetensors", "weights");
  EXPECT_EQ(ModelNames({}).find(folder.string(), ModelKind::clip), folder / "model.safetensors");
  write(folder / "model.safetensors.index.json", "{}");
  write(folder / "model-00001-of-00002.safetensors", "weights");
  for (const auto& path : {folder, folder / "model-00001-of-00002.safetensors"}) {
    EXPECT_EQ(ModelNames({}).find(path.string(), ModelKind::clip),
              folder / "model.safetensors.index.json");
  }
  fs::create_directories(folder_ / "empty");
  EXPECT_THROW(ModelNames({}).find((folder_ / "empty").string(), ModelKind::clip),
               models::WeightsError);
}

// The specification of the XDG folders: a path that is not absolute counts as not given.
TEST_F(ModelFolders, CountARelativeDataFolderAsNotGiven) {
  const Variable home("HOME", folder_ / "home");
  const auto file = pack(folder_ / "home/.local/share", "mine");
  const auto here = fs::current_path();
  fs::current_path(folder_);
  pack("data", "elsewhere");
  const Variable data("XDG_DATA_HOME", "data");
  EXPECT_EQ(find("mine"), file);
  EXPECT_THROW(find("elsewhere"), LibraryError);
  fs::current_path(here);
}

}  // namespace
}  // namespace latentreel::library
