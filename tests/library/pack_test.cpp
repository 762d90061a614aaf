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
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
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
  const auto imported = import("mine", {.metadata = {{"activation", "gelu"}}});
  const auto weights = models::StateDict::load_safetensors(imported.folder / "clip.safetensors");
  EXPECT_EQ(models::infer_clip_config(weights).vision.activation, models::Activation::exact_gelu);
  EXPECT_EQ(models::infer_clip_config(weights).text.activation, models::Activation::exact_gelu);
}

// An index, with all of the vocabulary's companions beside it; and the same by its folder.
TEST_F(Packs, AreMadeOfSeveralFiles) {
  const auto tiny = models::StateDict::load_safetensors(kTiny / "clip.safetensors");
  const auto shards = folder_ / "shards";
  fs::create_directories(shards);
  const std::string names[] = {"model-00001-of-00002.safetensors",
                               "model-00002-of-00002.safetensors"};
  models::StateDict::Tensors parts[2];
  std::string map;
  for (const auto& [name, tensor] : tiny.tensors()) {
    const auto part = parts[0].size() > parts[1].size() ? 1 : 0;
    parts[part].emplace(name, tensor);
    map += (map.empty() ? "\"" : ", \"") + name + "\": \"" + names[part] + '"';
  }
  for (int i = 0; i < 2; ++i) models::StateDict(parts[i]).save_safetensors(shards / names[i]);
  write(shards / "model.safetensors.index.json", "{\"weight_map\": {" + map + "}}");
  fs::copy_file(kTiny / "merges.txt", shards / "merges.txt");

  for (const auto& file : {shards / "model.safetensors.index.json", shards / names[1], shards}) {
    const auto imported = import("mine", {.file = file, .replace = true});
    const auto after = models::StateDict::load_safetensors(imported.folder / "clip.safetensors");
    ASSERT_EQ(after.names(), tiny.names());
    for (const auto& [name, tensor] : tiny.tensors()) EXPECT_TRUE(after.at(name).equal(tensor));
    EXPECT_EQ(read(imported.folder / "merges.txt"), read(kTiny / "merges.txt"));
    const auto record = read_pack_record(imported.folder);
    EXPECT_EQ(record->source_file, "model.safetensors.index.json");
    EXPECT_EQ(record->source_sha256.size(), 64u);
    EXPECT_EQ(after.metadata("source_file"), "model.safetensors.index.json");
  }
  const auto before = read_pack_record(folder_ / "mine")->source_sha256;
  parts[1].begin()->second = parts[1].begin()->second + 1;  // the index is the same
  models::StateDict(parts[1]).save_safetensors(shards / names[1]);
  import("mine", {.file = shards, .replace = true});
  EXPECT_NE(read_pack_record(folder_ / "mine")->source_sha256, before);
}

TEST_F(Packs, AreMadeOfTheNetworkThatAPersonNames) {
  const auto tiny = models::StateDict::load_safetensors(kTiny / "vqgan.safetensors");
  models::StateDict::Tensors two;
  for (const auto& [name, tensor] : tiny.tensors()) {
    two.emplace("a." + name, tensor);
    two.emplace("b." + name, tensor);
  }
  const auto file = folder_ / "two.safetensors";
  models::StateDict(two, tiny.metadata()).save_safetensors(file);
  EXPECT_THROW(import("mine", {.file = file}), models::WeightsError);
  const auto imported = import("mine", {.file = file, .prefix = "b"});
  EXPECT_TRUE(fs::exists(imported.folder / "vqgan.safetensors"));
  EXPECT_THAT(imported.notes, Contains(HasSubstr("under \"b.\"")));
}

TEST_F(Packs, SayWhatIsAssumedOfThem) {
  auto tiny = models::StateDict::load_safetensors(kTiny / "clip.safetensors");
  const auto file = folder_ / "clip.safetensors";
  models::StateDict(tiny.tensors()).save_safetensors(file);
  fs::copy_file(kTiny / "merges.txt", folder_ / "merges.txt");
  EXPECT_THAT(import("mine", {.file = file}).notes,
              Contains(AllOf(HasSubstr("quick_gelu, is assumed"), HasSubstr("--activation gelu"))));
  const auto said = import("said", {.file = file, .metadata = {{"activation", "quick_gelu"}}});
  EXPECT_THAT(said.notes, Not(Contains(HasSubstr("is assumed"))));
}

// A name says nothing of what is in a pack.
TEST_F(Packs, AreWhatTheyHold) {
  import("ViT-L/14@336px");
  const auto imported = ModelNames({folder_}).pack("ViT-L/14@336px");
  EXPECT_EQ(published_as(imported), nullptr);
  EXPECT_EQ(about_pack(imported), "residual network, 64x64");
  import("ViT-L/14@336px", {.url = "https://example.org/ViT-L-14-336px.pt", .replace = true});
  ASSERT_NE(published_as(imported), nullptr);
  EXPECT_EQ(published_as(imported)->name, "ViT-L/14@336px");
  import("mine", {.file = kTiny / "vqgan.safetensors"});
  const auto vqgan = ModelNames({folder_}).pack("mine");
  EXPECT_EQ(published_as(vqgan), nullptr);
  EXPECT_THAT(about_pack(vqgan), HasSubstr("codes"));
  write(folder_ / "mine/vqgan.safetensors", "damaged");
  write(folder_ / "mine/pack.json", "{}");
  EXPECT_EQ(published_as(vqgan), nullptr);
  EXPECT_EQ(about_pack(vqgan), "vqgan.safetensors cannot be read: latentreel models verify");
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
  // A number is given again: this process has now that of one that was killed.
  write(folder_ / (".mine.part-" + std::to_string(getpid())) / "merges.txt", "of another model");
  import("mine", {.file = kTiny / "vqgan.safetensors"});
  EXPECT_FALSE(fs::exists(folder_ / "mine/merges.txt"));
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

TEST_F(Packs, TellWhatWasAdded) {
  const auto imported = import("mine", {.file = kTiny / "vqgan.safetensors"});
  write(imported.folder / "merges.txt", "th e");
  fs::copy_file(kTiny / "clip.safetensors", imported.folder / "clip.safetensors");
  EXPECT_THAT(problems("mine"),
              ElementsAre(AllOf(HasSubstr("clip.safetensors"), HasSubstr("not in pack.json")),
                          AllOf(HasSubstr("merges.txt"), HasSubstr("not in pack.json"))));
}

TEST_F(Packs, AreReadOnPastAFileThatCannotBeRead) {
  const auto imported = import("mine");
  fs::remove(imported.folder / "clip.safetensors");
  fs::create_directories(imported.folder / "clip.safetensors");  // opens, and gives no bytes
  write(imported.folder / "merges.txt", "another");
  EXPECT_THAT(problems("mine"),
              ElementsAre(HasSubstr("clip.safetensors"), HasSubstr("merges.txt has the SHA-256")));
}

// As one with the published vocabulary is: its merges are not beside it, for set-up fetches them.
TEST_F(Packs, SayThatTheirPublishedVocabularyIsNotHere) {
  const auto tiny = models::StateDict::load_safetensors(kTiny / "clip.safetensors");
  auto tensors = tiny.tensors();
  auto& tokens = tensors.at("token_embedding.weight");
  tokens = tokens.narrow(0, 0, 1).expand({49408, tokens.size(1)}).contiguous();
  const auto file = folder_ / "published/clip.safetensors";
  fs::create_directories(file.parent_path());
  models::StateDict(std::move(tensors), tiny.metadata()).save_safetensors(file);

  const Variable data("XDG_DATA_HOME", folder_ / "data");
  EXPECT_THAT(import("a", {.file = file}).notes, Contains(HasSubstr("cmake/clip-vocabulary.sh")));
  write(folder_ / "data/latentreel/bpe_simple_vocab_16e6.txt.gz", "merges");
  EXPECT_THAT(import("b", {.file = file}).notes, Not(Contains(HasSubstr("vocabulary"))));
  EXPECT_THAT(import("c").notes, Not(Contains(HasSubstr("vocabulary"))));  // it has its own
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

// Whatever way its folder is written. A pack that is made there is one of a name that is not there,
// so that a fault leaves the pair whole.
TEST_F(Packs, AreNotMadeOrRemovedInTheProgramsFolder) {
  fs::create_directory_symlink(kTiny.parent_path(), folder_ / "link");
  for (const auto& models : {kTiny.parent_path() / "", kTiny / "..", folder_ / "link"}) {
    EXPECT_TRUE(ModelNames({models}).pack("tiny").bundled) << models;
    const InstalledPack unlabelled{
        .name = "not-there", .folder = models / "not-there", .kinds = {}, .bundled = false};
    EXPECT_EQ(thrown<LibraryError>([&] { remove_pack(unlabelled); }).kind(), Kind::refused);
    const auto error =
        thrown<LibraryError>([&] { const PackBuilder made(models, "not-there", true); });
    EXPECT_EQ(error.kind(), Kind::refused) << models;
    EXPECT_THAT(error.what(), HasSubstr("--models DIR")) << models;
  }
}

}  // namespace
}  // namespace latentreel::library
