#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "src/cli/album.h"
#include "src/cli/batch_films.h"
#include "src/cli/job.h"
#include "tests/cli/run.h"

// A plan handed to a scheduler, as a person does it. Scripts themselves: tests/cluster; a real
// Slurm: ctest -L cluster.

namespace latentreel::cli::testing {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kSubmitScene = R"([video]
size = "64x64"
fps = 8
[optimize]
iterations = 2
cutouts = 2
start = "random"
[[keyframe]]
at = 0
prompt = "a red heart on a white background"
[[keyframe]]
at = 1
prompt = "a yellow star on a blue background"
)";

class SubmitTest : public ::testing::Test {
 protected:
  SubmitTest() { folder_.write("it's a scene.toml", kSubmitScene); }

  Result submit(const std::string& what, const std::vector<std::string>& options) const {
    std::vector<std::string> call = {"submit", what, "--store", "shared store"};
    call.insert(call.end(), options.begin(), options.end());
    return run(call, folder_.path());
  }
  // As on a machine without programs of Slurm.
  Result with_nothing_in_path(const std::vector<std::string>& call) const {
    return run_in({.environment = {{"PATH", "/none"}}}, call, folder_.path());
  }
  bool has(const std::string& name) const { return fs::exists(folder_ / name); }

  Folder folder_;
  const std::string scene_ = "it's a scene.toml";
  const std::string plan_ = "it's a scene.plan.json";
};

TEST_F(SubmitTest, HereMakesTheVeryFilmThatRenderMakes) {
  ASSERT_EQ(run({"render", scene_, "-o", "whole.mp4"}, folder_.path()).code, 0);
  const auto first = submit(scene_, {"--engine", "local"});
  EXPECT_EQ(first.code, 0) << first.error;
  EXPECT_THAT(first.out, HasSubstr("to do     5 tasks in "));
  EXPECT_EQ(read_file(folder_ / "it's a scene.mp4"), read_file(folder_ / "whole.mp4"));
  const auto second = submit(plan_, {"--engine", "local"});
  EXPECT_EQ(second.code, 0);
  EXPECT_THAT(second.out, HasSubstr("Nothing is left to do"));
}

TEST_F(SubmitTest, ByASchedulerThatReportsSuccessWithoutAFilmIs75) {
  folder_.write("bin/parallel", "#!/bin/sh\nexit 0\n");
  fs::permissions(folder_ / "bin/parallel", fs::perms::owner_all);
  const auto path = (folder_ / "bin").string() + ":" + std::getenv("PATH");
  const auto result = run_in({.environment = {{"PATH", path}}},
                             {"submit", scene_, "--engine", "parallel"}, folder_.path());
  EXPECT_EQ(result.code, 75);
  EXPECT_THAT(result.error, HasSubstr("\"it's a scene.plan.json\" by parallel"));
  EXPECT_THAT(result.error, HasSubstr("is not to be seen here"));
}

TEST_F(SubmitTest, LeavesOutWhatIsDone) {
  ASSERT_EQ(run({"plan", scene_, "-o", "plan.json"}, folder_.path()).code, 0);
  ASSERT_EQ(run({"task", "plan.json", "key:0", "--store", "shared store"}, folder_.path()).code, 0);
  const auto result = submit("plan.json", {"--engine", "local", "--dry-run", "-o", "scripts"});
  EXPECT_EQ(result.code, 0) << result.error;
  EXPECT_THAT(result.out, HasSubstr("to do     4 tasks in "));
  EXPECT_TRUE(has("scripts/submit.sh"));
  EXPECT_THAT(folder_.read("scripts/share.sh"), HasSubstr("0) set -- key:1 ;;"));
  EXPECT_FALSE(has("scripts/logs"));
}

TEST_F(SubmitTest, WritesScriptsForSlurmWhereThereIsNone) {
  const auto result = with_nothing_in_path({"submit", scene_, "--dry-run", "--partition", "gpu",
                                            "--extra=--qos=night", "-o", "scripts"});
  EXPECT_EQ(result.code, 0) << result.error;
  EXPECT_THAT(folder_.read("scripts/submit.sh"), HasSubstr("'--partition=gpu'"));
  EXPECT_THAT(folder_.read("scripts/submit.sh"), HasSubstr("'--qos=night'"));
  EXPECT_THAT(folder_.read("scripts/submit.sh"), Not(HasSubstr("red heart")));
  EXPECT_THAT(folder_.read("scripts/share.sh"), Not(HasSubstr("red heart")));
}

TEST_F(SubmitTest, ToASlurmThatIsNotThereIs69) {
  const auto result = with_nothing_in_path({"submit", scene_});
  EXPECT_EQ(result.code, 69);
  EXPECT_THAT(result.error, HasSubstr("starting \"scontrol\""));
  EXPECT_FALSE(has("it's a scene.submission.json"));
}

TEST_F(SubmitTest, WritesATemplateOfOpenJobDescription) {
  const auto result = submit(scene_, {"--engine", "openjd", "-o", "deadline"});
  EXPECT_EQ(result.code, 0) << result.error;
  EXPECT_THAT(result.out, HasSubstr("openjd run "));
  const auto made = json::parse(folder_.read("deadline/template.json"));
  EXPECT_EQ(made["specificationVersion"], "jobtemplate-2023-09");
}

TEST_F(SubmitTest, RefusesWhatCannotBeMeant) {
  ASSERT_EQ(run({"plan", scene_, "-o", "plan.json"}, folder_.path()).code, 0);
  EXPECT_EQ(submit("plan.json", {"--set", "optimize.seed=2"}).code, 64);
  EXPECT_EQ(submit("plan.json", {"--engine", "condor"}).code, 64);
  EXPECT_EQ(submit("plan.json", {"--extra", "script.sh"}).code, 64);
  EXPECT_EQ(submit("plan.json", {"--memory", "much"}).code, 64);
  EXPECT_EQ(submit("none.json", {}).code, 66);
  folder_.write("plan.json", "{}");
  EXPECT_EQ(submit("plan.json", {}).code, 65);
}

TEST_F(SubmitTest, OfAChangedSceneIsRefused) {
  ASSERT_EQ(run({"plan", scene_, "-o", "plan.json"}, folder_.path()).code, 0);
  folder_.write(scene_, replaced(kSubmitScene, "a red heart", "a green heart"));
  EXPECT_EQ(submit("plan.json", {"--engine", "local"}).code, 65);
}

// What is measured counts, not what is guessed where a plan says nothing.
TEST_F(SubmitTest, DividesAndSimulatesByMeasuredCosts) {
  const auto planned = run({"plan", scene_, "-o", "plan.json", "--machines", "4"}, folder_.path());
  EXPECT_EQ(planned.code, 0) << planned.error;
  EXPECT_THAT(planned.out, ::testing::ContainsRegex("machines +number +time +busy\n +1 .*\n +2 "));
  EXPECT_THAT(planned.out, HasSubstr("more than "));
  EXPECT_THAT(planned.out, Not(HasSubstr("guesses")));
  const auto plan = json::parse(folder_.read("plan.json"));
  EXPECT_GT(plan["cost"]["start_seconds"], 0);
  for (const auto& task : plan["tasks"]) {
    EXPECT_GT(task["cost"]["seconds"], 0) << task;
    EXPECT_GT(task["cost"]["bytes"], 1e7) << task;
  }
  const auto result = submit("plan.json", {"--engine", "local", "--dry-run"});
  EXPECT_EQ(result.code, 0) << result.error;
  EXPECT_THAT(result.out, Not(HasSubstr("guesses")));
}

// A film that is wrong does not keep the others from being made, and says why.
TEST_F(SubmitTest, OfAnAlbumMakesTheFilmsThatCanBeMade) {
  folder_.write("broken.toml", replaced(kSubmitScene, "cutouts = 2", "cutouts = \"many\""));
  folder_.write("album.toml",
                "[[film]]\nscene = \"broken.toml\"\n"
                "[[film]]\nscene = \"it's a scene.toml\"\noutput = \"good.mp4\"\n");
  const auto result = submit("album.toml", {"--engine", "local", "--films", "films"});
  EXPECT_EQ(result.code, 65) << result.error;
  EXPECT_THAT(result.out, HasSubstr("1 of 2 films done"));
  EXPECT_TRUE(has("films/good.mp4"));
  EXPECT_TRUE(has("album.submission/good.plan.json"));
  const auto status = run({"status", "album.toml", "--store", "shared store"}, folder_.path());
  EXPECT_EQ(status.code, 65) << status.error;
  EXPECT_THAT(status.out, HasSubstr("failed    "));
  EXPECT_THAT(status.out, HasSubstr("many"));
  EXPECT_THAT(status.out, HasSubstr("when it is mended, submit the album again)"));
  EXPECT_THAT(status.out, HasSubstr("1 of 2 films done, 1 failed"));
  // What was not to be seen at once, as on a shared disk, is looked for again.
  const auto record = folder_ / "album.submission.json";
  auto films = cluster::read_album(record).value();
  films[1].code = 75;
  films[1].error = "the film is not to be seen here";
  folder_.write("album.submission.json", cluster::album_text(films));
  EXPECT_THAT(run({"status", "album.toml", "--store", "shared store"}, folder_.path()).out,
              HasSubstr("1 of 2 films done, 1 failed"));
  EXPECT_EQ(run({"cancel", "album.toml"}, folder_.path()).code, 0);
  EXPECT_EQ(run({"status", "album.toml"}, folder_.path()).code, 66);
}

// What an earlier film's networks hold would count as memory of the next.
TEST(SharedModels, OfOneJobAloneGiveTheOthersBack) {
  const Folder folder;
  fs::copy(fs::path(LATENTREEL_SOURCE_DIR) / "models/tiny", folder / "other");
  CommonOptions one, other;
  one.scene = other.scene = folder.write("scene.toml", kSubmitScene);
  one.store = other.store = folder / "store";
  other.set = {"models.vqgan=\"" + (folder / "other").string() + "\""};
  render::NoProgress quiet;
  SharedModels shared(one, quiet);
  const auto job = make_job(one), different = make_job(other);
  std::weak_ptr<render::ModelPack> first = shared.only_of(job);
  EXPECT_EQ(first.lock(), shared.only_of(job));
  const std::weak_ptr<render::ModelPack> second = shared.only_of(different);
  EXPECT_TRUE(first.expired());
  EXPECT_FALSE(second.expired());
  first = shared.of(job);
  EXPECT_FALSE(second.expired());
}

// Whoever watches an album need not begin anew after a second submit.
TEST(AlbumStatus, SeesThatTheAlbumWasSubmittedAgain) {
  const TemporaryFolder folder;
  const auto record = [&](const std::vector<std::string>& scenes, int minutes) {
    std::vector<cluster::AlbumFilm> films;
    for (const auto& scene : scenes) {
      films.push_back({.scene = scene, .film = {}, .plan = "/none", .code = 65, .error = "wrong"});
    }
    const auto file = folder.write("album.submission.json", cluster::album_text(films));
    fs::last_write_time(file, fs::file_time_type::clock::now() + std::chrono::minutes(minutes));
  };
  record({"one"}, 1);
  AlbumStatus album(folder / "album.toml", {});
  EXPECT_EQ(album.look().line, "0 of 1 films done, 1 failed");
  record({"one", "two"}, 2);
  const auto look = album.look();
  EXPECT_EQ(look.line, "0 of 2 films done, 2 failed");
  EXPECT_THAT(look.text, HasSubstr("failed    two: wrong (as of "));
  fs::remove(folder / "album.submission.json");  // taken back: what is known stays
  EXPECT_EQ(album.look().line, "0 of 2 films done, 2 failed");
}

TEST_F(SubmitTest, OfAnAlbumPlansFilmsOfOneNameInTwoFolders) {
  folder_.write("album.toml",
                "[[film]]\nscene = \"it's a scene.toml\"\noutput = \"a/good.mp4\"\n"
                "[[film]]\nscene = \"it's a scene.toml\"\noutput = \"b/good.mp4\"\n");
  const auto result = submit("album.toml", {"--engine", "local", "--dry-run", "--films", "films"});
  EXPECT_EQ(result.code, 0) << result.error;
  EXPECT_THAT(folder_.read("album.submission/good.plan.json"), HasSubstr("films/a/good.mp4"));
  EXPECT_THAT(folder_.read("album.submission/good-2.plan.json"), HasSubstr("films/b/good.mp4"));
}

// Nothing is queued that could still make the film.
TEST_F(SubmitTest, WatchEndsWithTheFilmOrWithAReason) {
  ASSERT_EQ(submit(scene_, {"--engine", "local"}).code, 0);
  const auto done =
      run({"status", plan_, "--store", "shared store", "--watch", "--every", "1s"}, folder_.path());
  EXPECT_EQ(done.code, 0) << done.error;
  EXPECT_THAT(done.error, HasSubstr("looking every 1 s"));
  EXPECT_THAT(done.out, HasSubstr("film  1/1"));
  EXPECT_EQ(run({"status", plan_, "--watch", "--every", "often"}, folder_.path()).code, 64);
}

// Keyframes that others have made are used, and nothing is written where they are.
TEST_F(SubmitTest, TakesWhatAnotherStoreHasAndLeavesItAlone) {
  ASSERT_EQ(run({"plan", scene_, "-o", "plan.json"}, folder_.path()).code, 0);
  const std::vector<std::string> keys = {"task",  "plan.json", "key:0",
                                         "key:1", "--store",   "theirs"};
  ASSERT_EQ(run(keys, folder_.path()).code, 0);
  const auto count = [&] {
    return std::distance(fs::recursive_directory_iterator(folder_ / "theirs"),
                         fs::recursive_directory_iterator());
  };
  const auto before = count();
  const auto result = submit("plan.json", {"--engine", "local", "--store-from", "theirs"});
  EXPECT_EQ(result.code, 0) << result.error;
  EXPECT_THAT(result.out, HasSubstr("to do     3 tasks in "));
  EXPECT_TRUE(has("it's a scene.mp4"));
  EXPECT_EQ(count(), before);
  EXPECT_FALSE(has("shared store/v3/key"));
  EXPECT_EQ(submit("plan.json", {"--store-from", "none"}).code, 64);
}

// LibTorch can be told to compute as an older processor does, which is another kind of machine.
TEST_F(SubmitTest, OfAMixedPlanFramesMayBeMadeElsewhereAndKeyframesMayNot) {
  ASSERT_EQ(run({"plan", scene_, "-o", "plan.json"}, folder_.path()).code, 0);
  const auto elsewhere = [&](const std::vector<std::string>& tasks) {
    std::vector<std::string> call = {"task", "plan.json", "--store", "shared store"};
    call.insert(call.end(), tasks.begin(), tasks.end());
    return run_in({.environment = {{"ATEN_CPU_CAPABILITY", "default"}}}, call, folder_.path());
  };
  EXPECT_EQ(elsewhere({"key:0"}).code, 69);
  const auto mixed = run({"plan", scene_, "-o", "plan.json", "--mixed"}, folder_.path());
  EXPECT_EQ(mixed.code, 0) << mixed.error;
  EXPECT_THAT(mixed.out, HasSubstr("frames may be made on other kinds too"));
  const auto refused = elsewhere({"key:0"});
  EXPECT_EQ(refused.code, 69);
  EXPECT_THAT(refused.error, HasSubstr("doing key:0: this machine is cpu "));
  EXPECT_EQ(submit("plan.json", {"--engine", "parallel"}).code, 64);
  const auto keys = run(
      {"task", "plan.json", "key:0", "key:1", "pace:0", "--store", "shared store"}, folder_.path());
  ASSERT_EQ(keys.code, 0) << keys.error;
  const auto frames = elsewhere({"key:0", "seg:0", "film"});
  EXPECT_EQ(frames.code, 0) << frames.error;
  EXPECT_TRUE(has("it's a scene.mp4"));
}

TEST_F(SubmitTest, CancelOfNothingIs66) {
  const auto result = run({"cancel", "plan.json"}, folder_.path());
  EXPECT_EQ(result.code, 66);
  EXPECT_THAT(result.error, HasSubstr("Nothing of this plan is queued"));
}

TEST_F(SubmitTest, StatusSaysWhereTheSchedulerDoesNotAnswer) {
  ASSERT_EQ(run({"plan", scene_, "-o", "plan.json"}, folder_.path()).code, 0);
  folder_.write("plan.submission.json",
                R"({"format": "latentreel submission 1", "engine": "slurm", "folder": "/none",
                    "jobs": [{"job": "1_0", "tasks": ["key:0"]}]})");
  const auto result = with_nothing_in_path({"status", "plan.json"});
  EXPECT_EQ(result.code, 75);
  EXPECT_THAT(result.out, HasSubstr("key   0/2"));
  EXPECT_THAT(result.out, HasSubstr("slurm unknown: starting \"squeue\""));
}

}  // namespace
}  // namespace latentreel::cli::testing
