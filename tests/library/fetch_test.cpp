#include "src/library/fetch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <stdexcept>

#include "models/files/error.h"
#include "models/files/state_dict.h"
#include "models/vqgan/config.h"
#include "src/files/digest.h"
#include "src/library/error.h"
#include "src/library/pack.h"
#include "src/library/pinned_digests.h"
#include "tests/library/folder.h"
#include "tests/library/http_server.h"

namespace latentreel::library {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using testing::HttpServer;
using ::testing::IsEmpty;
using testing::Reply;
using testing::Request;
using testing::thrown;
using Kind = LibraryError::Kind;

class FetchNotes : public DownloadWatch {
 public:
  void progress(std::int64_t, std::int64_t) override {}
  void note(const std::string& text) override {
    if (!stop_at.empty() && text.find(stop_at) != std::string::npos) {
      throw std::runtime_error("stopped");
    }
    notes.push_back(text);
  }
  std::string stop_at;
  std::vector<std::string> notes;
};

// A published VQGAN whose server is ours: the bundled one under another name.
class Fetch : public testing::FolderTest {
 protected:
  Fetch()
      : server_([this](const Request& request, const Reply& reply) {
          if (request.path == "/model.yaml" && !yaml_.empty()) return reply.file(request, yaml_);
          if (request.path == "/other.yaml") return reply.file(request, other_yaml_);
          if (request.path == "/cut") return reply.file(request, file_.substr(0, 1'000'000));
          if (request.path == "/model.ckpt") return reply.file(request, file_);
          reply.status("404 Not Found");
        }) {}

  CatalogueModel model(const std::vector<std::string>& paths, const std::string& sha256 = {}) {
    std::vector<std::string> mirrors;
    for (const auto& path : paths) mirrors.push_back(server_.url(path));
    return {.name = "Pub/1",
            .kind = ModelKind::vqgan,
            .about = "a test",
            .maker = "us",
            .licence = "MIT",
            .files = {{.name = "pub.ckpt", .mirrors = mirrors, .sha256 = sha256},
                      {.role = CatalogueFile::Role::config,
                       .name = "pub.yaml",
                       .mirrors = {server_.url("model.yaml")}}}};
  }
  Imported fetch(const CatalogueModel& model) { return fetch_model(model, request_, watch_); }
  std::string digest() const { return files::sha256_of(std::as_bytes(std::span(file_))); }
  InstalledPack pack() const { return ModelNames({folder_}).pack("Pub/1"); }
  int requests_for(const std::string& path) const {
    const auto all = server_.requests();
    return static_cast<int>(std::count_if(
        all.begin(), all.end(), [&](const Request& request) { return request.path == path; }));
  }

  std::string file_ = read(LATENTREEL_SOURCE_DIR "/tests/first_pair/vqgan.safetensors");
  std::string yaml_;  // empty: the server has none
  std::string other_yaml_ = "model: {params: {n_embed: 1024, ddconfig: {ch: 16}}}";
  HttpServer server_;
  FetchNotes watch_;
  FetchRequest request_{.models = folder_,
                        .limits = {.attempts = 1, .pause = std::chrono::milliseconds(1)}};
  void SetUp() override {
    FolderTest::SetUp();
    request_.models = folder_;
  }
};

TEST_F(Fetch, MakesAPackThatSaysWhereItIsFrom) {
  const auto imported = fetch(model({"model.ckpt"}, digest()));
  EXPECT_EQ(imported.folder, folder_ / "Pub-1");
  const auto found = ModelNames({folder_}).find("Pub/1", ModelKind::vqgan);
  const auto weights = models::StateDict::load_safetensors(found, models::StateDict::Finite::check);
  EXPECT_EQ(models::infer_vqgan_config(weights).codes, 1024);
  EXPECT_EQ(weights.metadata("source_sha256"), digest());
  EXPECT_EQ(weights.metadata("source_url"), server_.url("model.ckpt"));
  EXPECT_EQ(weights.metadata("licence"), "MIT");
  EXPECT_THAT(*weights.metadata("architecture"), HasSubstr("1024 codes"));
  const auto record = read_pack_record(imported.folder);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->name, "Pub/1");
  EXPECT_EQ(record->source_file, "pub.ckpt");
  EXPECT_THAT(verify_pack(pack(), [](const std::string&) {}), IsEmpty());
  EXPECT_FALSE(fs::exists(folder_ / "downloads"));
  EXPECT_FALSE(fs::exists(folder_ / "digests.json"));  // a published digest needs no pin
  EXPECT_THAT(watch_.notes, Contains(HasSubstr("continuing without pub.yaml")));
}

TEST_F(Fetch, ChecksTheWeightsAgainstTheirYaml) {
  yaml_ = "model: {params: {n_embed: 1024, ddconfig: {ch: 16}}}";
  EXPECT_THAT(fetch(model({"model.ckpt"})).notes, Contains(HasSubstr("agrees")));
  EXPECT_EQ(read(folder_ / "Pub-1/model.yaml"), yaml_);
}

// A bad yaml is no reason to download the weights again, from wherever they come.
TEST_F(Fetch, TriesTheNextYamlThenNone) {
  for (const auto& sha256 : {std::string(), digest()}) {
    yaml_ = "model: {params: {n_embed: 16384, ddconfig: {ch: 16}}}";
    auto published = model({"model.ckpt"}, sha256);
    published.files.back().mirrors.push_back(server_.url("other.yaml"));
    EXPECT_THAT(fetch(published).notes, Contains(HasSubstr("agrees")));
    EXPECT_THAT(watch_.notes, Contains(AllOf(HasSubstr("n_embed: 16384, by the tensors 1024"),
                                             HasSubstr("pub.yaml is set aside"))));
    EXPECT_EQ(read(folder_ / "Pub-1/model.yaml"), other_yaml_);
    request_.replace = true;
  }
  EXPECT_EQ(requests_for("/model.ckpt"), 2);  // once each

  for (const std::string bad : {"model: {params: {n_embed: 16384}}", "no yaml: ["}) {
    yaml_ = bad;
    fetch(model({"model.ckpt"}));
    EXPECT_FALSE(fs::exists(folder_ / "Pub-1/model.yaml")) << bad;
    EXPECT_FALSE(fs::exists(folder_ / "downloads")) << bad;
  }
  EXPECT_EQ(requests_for("/model.ckpt"), 4);
}

TEST_F(Fetch, GivesEachServersWeightsEveryYaml) {
  yaml_ = "no yaml: [";
  auto published = model({"cut", "model.ckpt"});
  published.files.back().mirrors.push_back(server_.url("other.yaml"));
  fetch(published);
  EXPECT_EQ(read(folder_ / "Pub-1/model.yaml"), other_yaml_);
  EXPECT_EQ(read_pack_record(folder_ / "Pub-1")->source_url, server_.url("model.ckpt"));
}

TEST_F(Fetch, LeavesTheProgramsOwnFolderAlone) {
  request_.models = LATENTREEL_SOURCE_DIR "/models/";
  EXPECT_EQ(thrown<LibraryError>([&] { fetch(model({"model.ckpt"})); }).kind(), Kind::refused);
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(Fetch, SaysWhatAClipsFileNeedNotSay) {
  file_ = read(LATENTREEL_SOURCE_DIR "/tests/first_pair/clip.safetensors");
  auto clip = model({"model.ckpt"});
  clip.kind = ModelKind::clip;
  clip.metadata = {{"activation", "gelu"}, {"image_mean", "0.5 0.5 0.5"}};
  const auto file = fetch(clip).folder / "clip.safetensors";
  const auto weights = models::StateDict::load_safetensors(file);
  EXPECT_EQ(weights.metadata("activation"), "gelu");
  EXPECT_EQ(weights.metadata("image_mean"), "0.5 0.5 0.5");
}

TEST_F(Fetch, KeepsTheOriginalWhereAskedTo) {
  request_.keep_original = true;
  fetch(model({"model.ckpt"}, digest()));
  EXPECT_EQ(read(folder_ / "downloads/pub.ckpt"), file_);
  request_.replace = true;
  fetch(model({"model.ckpt"}, digest()));
  EXPECT_EQ(requests_for("/model.ckpt"), 1);
}

TEST_F(Fetch, TriesAMirrorFirst) {
  auto published = model({"broken"});
  published.files.front().name = "model.ckpt";
  request_.mirror = server_.url("");
  fetch(published);
  EXPECT_EQ(read_pack_record(folder_ / "Pub-1")->source_url, server_.url("model.ckpt"));
  EXPECT_EQ(requests_for("/broken"), 0);
}

TEST_F(Fetch, PinsTheDigestOfTheFirstDownload) {
  fetch(model({"model.ckpt"}));
  const PinnedDigests pins(folder_ / "digests.json");
  EXPECT_EQ(pins.find("pub.ckpt")->sha256, digest());
  const auto first = digest();
  remove_pack(pack());

  // Another file, if by one bit.
  file_.back() = static_cast<char>(file_.back() ^ 1);
  const auto error = thrown<LibraryError>([&] { fetch(model({"model.ckpt"})); });
  EXPECT_EQ(error.kind(), Kind::invalid);
  EXPECT_THAT(error.what(),
              AllOf(HasSubstr(first), HasSubstr(digest()), HasSubstr("--accept-new-digest")));
  EXPECT_FALSE(ModelNames({folder_}).has("Pub/1"));

  request_.accept_new_digest = true;
  fetch(model({"model.ckpt"}));
  EXPECT_EQ(pins.find("pub.ckpt")->sha256, digest());
}

TEST_F(Fetch, RefusesWhatIsNotThePublishedFile) {
  const auto error =
      thrown<LibraryError>([&] { fetch(model({"model.ckpt"}, std::string(64, '0'))); });
  EXPECT_EQ(error.kind(), Kind::invalid);
  EXPECT_FALSE(fs::exists(folder_ / "Pub-1"));
}

// Nothing but its content tells that a file without a digest was cut short.
TEST_F(Fetch, TriesTheNextMirrorAfterAFileThatIsDamaged) {
  fetch(model({"cut", "model.ckpt"}));
  EXPECT_EQ(PinnedDigests(folder_ / "digests.json").find("pub.ckpt")->sha256, digest());
  EXPECT_EQ(read_pack_record(folder_ / "Pub-1")->source_url, server_.url("model.ckpt"));
}

TEST_F(Fetch, PinsNothingOfADamagedFile) {
  EXPECT_THROW(fetch(model({"cut"})), models::WeightsError);
  EXPECT_FALSE(fs::exists(folder_ / "digests.json"));
  EXPECT_FALSE(fs::exists(folder_ / "downloads/pub.ckpt"));
  EXPECT_FALSE(fs::exists(folder_ / "Pub-1"));
}

TEST_F(Fetch, DoesNotDownloadAgainWhatWasNotImportedYet) {
  watch_.stop_at = "writing";
  EXPECT_THROW(fetch(model({"model.ckpt"})), std::runtime_error);
  EXPECT_FALSE(fs::exists(folder_ / "Pub-1"));
  watch_.stop_at.clear();
  fetch(model({"model.ckpt"}));
  EXPECT_EQ(requests_for("/model.ckpt"), 1);
  EXPECT_EQ(read_pack_record(folder_ / "Pub-1")->source_url, server_.url("model.ckpt"));
}

TEST_F(Fetch, SaysHowToHaveAModelWithoutAddress) {
  auto published = model({});
  published.files.clear();
  published.by_hand = "https://example.org/page";
  EXPECT_THAT(thrown<LibraryError>([&] { fetch(published); }).what(),
              HasSubstr("https://example.org/page"));
}

TEST_F(Fetch, DoesNotForgetDamagedPins) {
  write(folder_ / "digests.json", "{");
  EXPECT_EQ(thrown<LibraryError>([&] { fetch(model({"model.ckpt"})); }).kind(), Kind::invalid);
}

}  // namespace
}  // namespace latentreel::library
