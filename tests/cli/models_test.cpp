#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <nlohmann/json.hpp>

#include "tests/cli/run.h"
#include "tests/library/http_server.h"

// Models by name, as a person meets them. The server holds the bundled pair under published names.

namespace latentreel::cli {
namespace {

namespace fs = std::filesystem;
using library::testing::HttpServer;
using library::testing::Reply;
using library::testing::Request;
using ::testing::AllOf;
using testing::Folder;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Program;
using testing::read_file;
using testing::Result;
using testing::Surroundings;

const fs::path kTiny = LATENTREEL_SOURCE_DIR "/models/tiny";

class Models : public ::testing::Test {
 protected:
  // With its own folder of models, no server but ours, and this on its standard input.
  Surroundings surroundings(const std::string& answer) const {
    folder_.write("answer", answer);
    return {.environment = {{"XDG_DATA_HOME", (folder_ / "data").string()}}, .before = [this] {
              dup2(open((folder_ / "answer").c_str(), O_RDONLY | O_CLOEXEC), STDIN_FILENO);
            }};
  }
  Result call(std::vector<std::string> arguments, const std::string& answer = {}) const {
    arguments.insert(arguments.begin(), "models");
    return testing::run_in(surroundings(answer), arguments, folder_.path());
  }
  fs::path pack(const std::string& name) const {
    return folder_ / "data" / "latentreel/models" / name;
  }

  Folder folder_;
  const std::string vqgan_ = read_file(kTiny / "vqgan.safetensors");
  std::atomic<bool> stalls_{false};
  HttpServer server_{[this](const Request& request, const Reply& reply) {
    if (request.path != "/vqgan_imagenet_f16_1024.ckpt") return reply.status("404 Not Found");
    if (!stalls_) return reply.file(request, vqgan_);
    reply.file(request, vqgan_, {.break_off_after = 1'000'000});
    reply.stall();
  }};
};

TEST_F(Models, AreListed) {
  const auto list = call({"list"});
  EXPECT_EQ(list.code, 0) << list.error;
  EXPECT_THAT(list.out, AllOf(HasSubstr("tiny "), HasSubstr("bundled"), HasSubstr("ViT-L/14@336px"),
                              HasSubstr("to fetch"), HasSubstr("imagenet_f16_16384")));
  const auto rows = nlohmann::json::parse(call({"list", "--json"}).out);
  ASSERT_GT(rows.size(), 15u);
  EXPECT_EQ(rows[0]["name"], "tiny");
  EXPECT_EQ(rows[0]["state"], "bundled");
  EXPECT_GT(rows[0]["bytes"], 1'000'000);
}

TEST_F(Models, AreFetchedOnlyAfterAYes) {
  const std::vector<std::string> fetch = {"fetch", "imagenet_f16_1024", "--mirror",
                                          server_.url("")};
  const auto silent = call(fetch);
  EXPECT_EQ(silent.code, 64);
  EXPECT_THAT(silent.error, AllOf(HasSubstr("maker"), HasSubstr("licence"), HasSubstr("958 MB"),
                                  HasSubstr(server_.url("")), HasSubstr("--yes")));
  EXPECT_EQ(call(fetch, "n\n").code, 130);
  EXPECT_TRUE(server_.requests().empty());

  const auto fetched = call(fetch, "y\n");
  EXPECT_EQ(fetched.code, 0) << fetched.error;
  EXPECT_EQ(fetched.out, pack("imagenet_f16_1024").string() + "\n");
  const auto requests = server_.requests().size();
  const auto again = call(fetch);
  EXPECT_EQ(again.code, 0);
  EXPECT_THAT(again.error, HasSubstr("imagenet_f16_1024 is already here"));
  EXPECT_EQ(server_.requests().size(), requests);
}

TEST_F(Models, AreUsedByName) {
  ASSERT_EQ(call({"fetch", "imagenet_f16_1024", "-y", "--mirror", server_.url("")}).code, 0);
  ASSERT_EQ(call({"import", (kTiny / "clip.safetensors").string(), "--name", "my/clip"}).code, 0);
  folder_.write("scene.toml", R"(
[video]
size = "64x64"
fps = 4
[models]
vqgan = "imagenet_f16_1024"
clip = ["my/clip"]
[optimize]
iterations = 1
cutouts = 2
start = "random"
[[keyframe]]
at = 0
prompt = "a red heart"
)");
  const auto film = testing::run_in(surroundings({}), {"render", "scene.toml"}, folder_.path());
  EXPECT_EQ(film.code, 0) << film.error;
  EXPECT_TRUE(fs::exists(folder_ / "scene.mp4"));
}

TEST_F(Models, ThatAreNotHereAreNamedWithTheCallThatFetchesThem) {
  folder_.write("scene.toml",
                "[models]\nclip = [\"ViT-B/16\"]\n[[keyframe]]\nat = 0\nprompt = \"a tree\"\n");
  const auto plan = testing::run_in(surroundings({}), {"plan", "scene.toml"}, folder_.path());
  EXPECT_EQ(plan.code, 66);
  EXPECT_THAT(plan.error, AllOf(HasSubstr("the CLIP \"ViT-B/16\""), HasSubstr("Known here: tiny"),
                                HasSubstr("latentreel models fetch ViT-B/16")));
  EXPECT_EQ(call({"fetch", "ViT-B/17"}).code, 66);
  EXPECT_EQ(call({"fetch", "faceshq", "-y"}).code, 66);
  EXPECT_EQ(call({"info", "ViT-B/17"}).code, 66);
}

TEST_F(Models, ThatAreNotWhatWasPublishedAreRefused) {
  const HttpServer server(
      [](const Request& request, const Reply& reply) { reply.file(request, "another file"); });
  const auto wrong = call({"fetch", "ViT-B/32", "-y", "--mirror", server.url("clip")});
  EXPECT_EQ(wrong.code, 65);
  EXPECT_THAT(wrong.error,
              HasSubstr("40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af"));
  EXPECT_EQ(server.requests().front().path, "/clip/ViT-B-32.pt");
  EXPECT_FALSE(fs::exists(pack("ViT-B-32")));
}

TEST_F(Models, GoOnWhereCtrlCStoppedTheirDownload) {
  const std::vector<std::string> fetch = {"models",   "fetch",        "imagenet_f16_1024",
                                          "-y",       "--progress",   "json",
                                          "--mirror", server_.url("")};
  stalls_ = true;
  Program program(fetch, folder_.path(), surroundings({}));
  ASSERT_TRUE(program.says("\"event\":\"download\""));
  program.send(SIGINT);
  const auto stopped = program.wait();
  EXPECT_EQ(stopped.code, 130);
  EXPECT_THAT(stopped.error, HasSubstr("run the same command again"));
  stalls_ = false;
  const auto fetched = testing::run_in(surroundings({}), fetch, folder_.path());
  EXPECT_EQ(fetched.code, 0) << fetched.error;
  const auto requests = server_.requests();
  const auto rest = std::find_if(requests.begin(), requests.end(),
                                 [](const Request& request) { return request.from > 0; });
  ASSERT_NE(rest, requests.end());
  EXPECT_EQ(rest->from, 1'000'000);
}

TEST_F(Models, AreExplained) {
  const auto file = call({"info", (kTiny / "clip.safetensors").string()});
  EXPECT_EQ(file.code, 0) << file.error;
  EXPECT_THAT(file.out, AllOf(HasSubstr("CLIP"), HasSubstr("safetensors"), HasSubstr("64x64"),
                              HasSubstr("QuickGELU"), HasSubstr("sha256")));
  EXPECT_THAT(call({"info", "tiny"}).out, AllOf(HasSubstr("16384 codes"), HasSubstr("QuickGELU")));
  EXPECT_THAT(call({"info", kTiny.string()}).out,
              AllOf(HasSubstr("16384 codes"), HasSubstr("QuickGELU")));
  EXPECT_EQ(call({"info", "./data"}).code, 66);  // a folder, and no pack
  const auto published = call({"info", "ViT-L/14"});
  EXPECT_EQ(published.code, 0) << published.error;
  EXPECT_THAT(published.out, AllOf(HasSubstr("MIT"), HasSubstr("openaipublic"),
                                   HasSubstr("latentreel models fetch ViT-L/14")));
  folder_.write("page.ckpt", "<html>");
  EXPECT_EQ(call({"info", "page.ckpt"}).code, 65);
}

TEST_F(Models, AreVerifiedAndRemoved) {
  ASSERT_EQ(
      call({"import", (kTiny / "clip.safetensors").string(), "--name", "mine", "--licence", "CC0"})
          .code,
      0);
  EXPECT_THAT(call({"info", "mine"}).out, HasSubstr("CC0"));
  const auto well = call({"verify"});
  EXPECT_EQ(well.code, 0) << well.error;
  EXPECT_THAT(well.out, AllOf(HasSubstr("mine: as it was imported"), HasSubstr("tiny: ")));
  fs::resize_file(pack("mine") / "clip.safetensors", 1000);
  const auto damaged = call({"verify"});
  EXPECT_EQ(damaged.code, 65);
  EXPECT_THAT(damaged.out, AllOf(HasSubstr("mine: clip.safetensors"), HasSubstr("tiny: readable")));
  EXPECT_EQ(call({"verify", "tiny"}).code, 0);
  // One that cannot even be read does not end the call either.
  fs::remove(pack("mine") / "clip.safetensors");
  fs::create_directory(pack("mine") / "clip.safetensors");
  const auto unreadable = call({"verify"});
  EXPECT_EQ(unreadable.code, 65);
  EXPECT_THAT(unreadable.out, AllOf(HasSubstr("mine: "), HasSubstr("tiny: readable")));

  EXPECT_EQ(call({"remove", "mine"}, "n\n").code, 130);
  EXPECT_TRUE(fs::exists(pack("mine")));
  EXPECT_EQ(call({"remove", "mine", "--yes"}).code, 0);
  EXPECT_FALSE(fs::exists(pack("mine")));
  EXPECT_EQ(call({"remove", "mine", "--yes"}).code, 66);
  EXPECT_EQ(call({"remove", "tiny", "--yes"}).code, 64);
  const auto bundled = kTiny.parent_path().string() + "/";
  EXPECT_EQ(call({"import", (kTiny / "clip.safetensors").string(), "--name", "not-there",
                  "--models", bundled})
                .code,
            64);
}

TEST_F(Models, MayBeInAFolderOfOnesChoice) {
  const auto imported =
      call({"import", (kTiny / "clip.safetensors").string(), "--name", "mine", "--models", "here"});
  EXPECT_EQ(imported.code, 0) << imported.error;
  EXPECT_TRUE(fs::exists(folder_ / "here/mine/clip.safetensors"));
  EXPECT_THAT(call({"list", "--models", "here"}).out, HasSubstr("mine"));
  EXPECT_THAT(call({"list"}).out, Not(HasSubstr("mine")));
  folder_.write("file", "");
  EXPECT_EQ(call({"import", (kTiny / "clip.safetensors").string(), "--models", "file"}).code, 73);
}

// The name of a published model does not make one of what a person imported under it.
TEST_F(Models, ThatAreImportedAreListedAsWhatTheyAre) {
  const auto imported =
      call({"import", (kTiny / "clip.safetensors").string(), "--name", "ViT-L/14@336px"});
  EXPECT_EQ(imported.code, 0) << imported.error;
  const auto rows = nlohmann::json::parse(call({"list", "--json"}).out);
  for (const auto& row : rows) {
    if (row["name"] != "ViT-L/14@336px") continue;
    EXPECT_EQ(row["state"], "imported");
    EXPECT_THAT(row["about"].get<std::string>(), Not(HasSubstr("336")));
  }
}

TEST_F(Models, HelpHasExamples) {
  for (const std::string name : {"list", "info", "fetch", "import", "verify", "remove"}) {
    const auto help = call({name, "--help"});
    EXPECT_EQ(help.code, 0) << name;
    EXPECT_THAT(help.out, HasSubstr("latentreel models " + name)) << name;
  }
  EXPECT_EQ(call({}).code, 64);
  EXPECT_EQ(call({"fetch"}).code, 64);
  EXPECT_EQ(call({"fetch", "RN50", "--mirror", "ftp://x"}).code, 64);
  EXPECT_EQ(call({"import", "x.pt", "--activation", "relu"}).code, 64);
  EXPECT_EQ(call({"import", "x.pt", "--vqgan", "--clip"}).code, 64);
  EXPECT_EQ(call({"import", "none.pt"}).code, 66);
}

}  // namespace
}  // namespace latentreel::cli
