#include "src/library/pack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/clip/config.h"
#include "models/files/error.h"
#include "models/files/state_dict.h"
#include "src/library/error.h"
#include "src/library/importing.h"
#include "tests/library/folder.h"

namespace latentreel::library {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::thrown;
using Kind = LibraryError::Kind;

const fs::path kTiny = LATENTREEL_SOURCE_DIR "/models/tiny";

class Packs : public testing::FolderTest {
 protected:
  Imported import(const std::string& name, ImportRequest request = {}) const {
    if (request.file.empty()) request.file = kTiny / "clip.safetensors";
    request.name = name;
    return import_model(folder_, request, [](const std::string&) {});
  }
  std::vector<std::string> problems(const std::string& name) const {
    return verify_pack(ModelNames({folder_}).pack(name), [](const std::string&) {});
  }
};

TEST_F(Packs, HoldTheWeightsUnchangedAndTheirVocabulary) {
  const auto imported = import("mine");
  const auto before = models::StateDict::load_safetensors(kTiny / "clip.safetensors");
  const auto after = models::StateDict::load_safetensors(imported.folder / "clip.safetensors");
  ASSERT_EQ(after.names(), before.names());
  for (const auto& [name, tensor] : before.tensors()) {
    EXPECT_EQ(after.at(name).scalar_type(), tensor.scalar_type()) << name;
    EXPECT_TRUE(after.at(name).equal(tensor)) << name;
  }
  EXPECT_EQ(read(imported.folder / "merges.txt"), read(kTiny / "merges.txt"));
  EXPECT_EQ(after.metadata("activation"), before.metadata("activation"));
  EXPECT_THAT(problems("mine"), IsEmpty());
}

TEST_F(Packs, HoldTheBankOfAVqgan) {
  const auto imported = import("mine", {.file = kTiny / "vqgan.safetensors"});
  EXPECT_EQ(read(imported.folder / "bank.txt"), read(kTiny / "bank.txt"));
  EXPECT_TRUE(fs::exists(imported.folder / "bank.safetensors"));
  EXPECT_FALSE(fs::exists(imported.folder / "merges.txt"));
}

TEST_F(Packs, TakeAPersonsWordForTheActivation) {
  const auto imported = import("mine", {.activation = "gelu"});
  const auto weights = models::StateDict::load_safetensors(imported.folder / "clip.safetensors");
  EXPECT_EQ(models::infer_clip_config(weights).vision.activation, models::Activation::exact_gelu);
  EXPECT_EQ(models::infer_clip_config(weights).text.activation, models::Activation::exact_gelu);
}

TEST_F(Packs, AreNotMadeOfSomethingElse) {
  write(folder_ / "page.pt", "<html>gone</html>");
  EXPECT_THROW(import("mine", {.file = folder_ / "page.pt"}), models::WeightsError);
  EXPECT_THROW(import("mine", {.file = folder_ / "not-there.pt"}), models::WeightsError);
  EXPECT_THROW(import("mine", {.kind = ModelKind::vqgan}), models::WeightsError);
  EXPECT_THAT(ModelNames({folder_}).packs(), IsEmpty());
}

TEST_F(Packs, AreReplacedOnlyWhereAskedTo) {
  import("mine");
  write(folder_ / "mine/notes.txt", "mine");
  EXPECT_EQ(thrown<LibraryError>([&] { import("mine"); }).kind(), Kind::cannot_create);
  EXPECT_TRUE(fs::exists(folder_ / "mine/notes.txt"));
  import("mine", {.licence = "CC0", .replace = true});
  EXPECT_FALSE(fs::exists(folder_ / "mine/notes.txt"));
  EXPECT_EQ(read_pack_record(folder_ / "mine")->licence, "CC0");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);  // nothing is left beside it
}

TEST_F(Packs, HaveNamesThatCanBeFolders) {
  for (const std::string name : {"", "..", ".hidden", "a b", "downloads", "a\nb", "\"a\""}) {
    EXPECT_EQ(thrown<LibraryError>([&] { import(name); }).kind(), Kind::refused) << name;
  }
  EXPECT_EQ(import("a/b@c").folder, folder_ / "a-b-c");
}

TEST_F(Packs, OfKilledImportsAreRemoved) {
  write(folder_ / ".mine.part-2147483646/clip.safetensors", "half");  // no process has this number
  write(folder_ / (".other.part-" + std::to_string(getpid())) / "clip.safetensors", "at work");
  import("mine");
  EXPECT_FALSE(fs::exists(folder_ / ".mine.part-2147483646"));
  EXPECT_TRUE(fs::exists(folder_ / (".other.part-" + std::to_string(getpid()))));
}

TEST_F(Packs, TellWhatDiffers) {
  const auto imported = import("mine");
  {
    std::fstream file(imported.folder / "clip.safetensors", std::ios::in | std::ios::out);
    file.seekp(4'000'000);
    file.put('x');
  }
  fs::remove(imported.folder / "merges.txt");
  EXPECT_THAT(problems("mine"),
              ElementsAre(AllOf(HasSubstr("clip.safetensors"), HasSubstr("was imported with")),
                          HasSubstr("merges.txt is missing")));
  write(imported.folder / "pack.json", "{}");
  EXPECT_EQ(thrown<LibraryError>([&] { problems("mine"); }).kind(), Kind::invalid);
}

TEST_F(Packs, WithoutDigestsAreReadWhole) {
  fs::create_directories(folder_ / "byhand");
  fs::copy_file(kTiny / "clip.safetensors", folder_ / "byhand/clip.safetensors");
  EXPECT_THAT(problems("byhand"), IsEmpty());
  fs::resize_file(folder_ / "byhand/clip.safetensors", 1'000'000);
  EXPECT_THAT(problems("byhand"), ElementsAre(HasSubstr("clip.safetensors")));
}

TEST_F(Packs, AreRemovedWholeButForTheBundledPair) {
  import("mine");
  remove_pack(ModelNames({folder_}).pack("mine"));
  EXPECT_TRUE(fs::is_empty(folder_));
  const auto bundled = ModelNames::standard(folder_).pack("tiny");
  EXPECT_EQ(thrown<LibraryError>([&] { remove_pack(bundled); }).kind(), Kind::refused);
  EXPECT_TRUE(fs::exists(kTiny / "clip.safetensors"));
}

}  // namespace
}  // namespace latentreel::library
