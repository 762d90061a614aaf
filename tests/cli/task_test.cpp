#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/cli/run.h"

// Plans, tasks, the store, batches and reports, as a person meets them.

namespace latentreel::cli::testing {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kTaskScene = R"([video]
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
at = 2.5
prompt = "a yellow star on a blue background"
)";

std::string with(const std::string& from, const std::string& to) {
  return testing::replaced(kTaskScene, from, to);
}

TEST(Tasks, DoneOneByOneInAnyOrderMakeTheVeryFilmThatRenderMakes) {
  const Folder folder;
  folder.write("scene.toml", kTaskScene);
  ASSERT_EQ(run({"render", "scene.toml", "-o", "whole.mp4"}, folder.path()).code, 0);
  const auto plan =
      run({"plan", "scene.toml", "-o", "plan.json", "--film", "film.mp4"}, folder.path());
  ASSERT_EQ(plan.code, 0) << plan.error;
  const auto task = [&](const std::vector<std::string>& names) {
    std::vector<std::string> call = {"task", "plan.json"};
    call.insert(call.end(), names.begin(), names.end());
    call.insert(call.end(), {"--store", "other"});
    return run(call, folder.path());
  };
  const auto early = task({"seg:1"});
  EXPECT_EQ(early.code, 75);
  EXPECT_THAT(early.error, HasSubstr("reading the output of key:0: it is not in the store"));
  for (const std::string name : {"key:1", "key:0", "pace:0", "seg:1", "seg:0", "film"}) {
    const auto result = task({name});
    EXPECT_EQ(result.code, 0) << name << result.error;
  }
  EXPECT_EQ(read_file(folder / "film.mp4"), read_file(folder / "whole.mp4"));
  const auto again = task({"key:0", "seg:0", "film"});
  EXPECT_THAT(again.error, HasSubstr("film reused"));
  EXPECT_THAT(again.error, Not(HasSubstr("started")));
  const auto status = run({"status", "plan.json", "--store", "other"}, folder.path());
  EXPECT_EQ(status.code, 0);
  EXPECT_THAT(status.out, HasSubstr("seg   2/2"));
}

// Files that a killed or refused call has not finished, and entries that do not hold what they say.
void expect_nothing_half_written(const Folder& folder, const fs::path& store) {
  EXPECT_EQ(folder.unfinished(), 0);
  // Whoever reads an entry that does not hold what its name says tells that.
  const auto copy = folder / "copy";
  fs::remove_all(copy);
  fs::copy(store, copy, fs::copy_options::recursive);
  const auto next = run({"task", "plan.json", "key:0", "--store", copy.string()}, folder.path());
  EXPECT_EQ(next.code, 0) << next.error;
  EXPECT_THAT(next.error, Not(HasSubstr("does not hold what its name says")));
}

// A quota that is full and a permission that is lost while a task is at work, as happens on what
// many machines share: its documented code, the store whole, and the next call makes the same.
TEST(Tasks, EndWithTheirCodeWhereAQuotaIsFullOrAPermissionIsLost) {
  const Folder folder;
  folder.write("scene.toml", kTaskScene);
  ASSERT_EQ(run({"plan", "scene.toml", "-o", "plan.json"}, folder.path()).code, 0);
  const auto store = folder / "shared";
  const std::vector<std::string> call = {"task", "plan.json", "key:0", "--store", store.string()};
  const auto with_failure = [&](const std::string& how, int at) {
    fs::remove_all(store);
    fs::remove(folder / "calls");
    return run_in({.environment = {{"LD_PRELOAD", LATENTREEL_FAILING_CALLS},
                                   {"FAIL_BELOW", store.string()},
                                   {"FAIL_LOG", (folder / "calls").string()},
                                   {"FAIL_AT", std::to_string(at)},
                                   {"FAIL_HOW", how}}},
                  call, folder.path());
  };
  ASSERT_EQ(with_failure("EDQUOT", 0).code, 0);
  // The last entry is the keyframe: its file is begun, written, synced and named at the end.
  std::vector<std::string> calls;
  std::istringstream lines(folder.read("calls"));
  for (std::string line; std::getline(lines, line);) calls.push_back(line);
  const auto last = [&](const std::string& name) {
    for (auto i = calls.size(); i-- > 0;) {
      // A folder's is synced too, and not all file systems can.
      const bool folder_sync = name == "fsync" && !calls[i].ends_with(".part");
      if (folder_sync || !calls[i].starts_with(name + " ")) continue;
      if (calls[i].find("/key/") != std::string::npos) {
        return static_cast<int>(i) + 1;
      }
    }
    return 0;
  };
  for (const auto& [how, at] : {std::pair("EDQUOT", last("write")),
                                {"EDQUOT", last("fsync")},
                                {"EDQUOT", last("rename")},
                                {"EACCES on", last("open")}}) {
    SCOPED_TRACE(std::string(how) + " at " + std::to_string(at));
    ASSERT_GT(at, 0);
    const auto result = with_failure(how, at);
    EXPECT_EQ(result.code, 74) << result.error;
    EXPECT_THAT(result.error, HasSubstr(store.string()));
    expect_nothing_half_written(folder, store);
  }
  EXPECT_EQ(run(call, folder.path()).code, 0);
}

TEST(Tasks, OfAPreviewOfSomeFramesMakeTheFilmThatRenderMakes) {
  const Folder folder;
  folder.write("scene.toml", kTaskScene);
  const std::vector<std::string> part = {"--preview", "--range", "18:21"};
  const auto call = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), part.begin(), part.end());
    return run(arguments, folder.path());
  };
  ASSERT_EQ(call({"render", "scene.toml", "-o", "whole.mp4"}).code, 0);
  ASSERT_EQ(call({"plan", "scene.toml", "-o", "plan.json", "--film", "film.mp4"}).code, 0);
  const auto missing = run({"task", "plan.json", "seg:1", "--store", "other"}, folder.path());
  EXPECT_EQ(missing.code, 66);
  EXPECT_THAT(missing.error, HasSubstr("pace:0, seg:0, and film"));
  const auto result =
      run({"task", "plan.json", "key:0", "key:1", "pace:0", "seg:0", "film", "--store", "other"},
          folder.path());
  EXPECT_EQ(result.code, 0) << result.error;
  EXPECT_EQ(read_file(folder / "film.mp4"), read_file(folder / "whole.mp4"));
  const auto status = run({"status", "plan.json", "--store", "other"}, folder.path());
  EXPECT_EQ(status.code, 0);
  EXPECT_THAT(status.out, HasSubstr("seg   1/1"));
}

TEST(Tasks, StatusTellsWhatIsToDo) {
  const Folder folder;
  folder.write("scene.toml", kTaskScene);
  ASSERT_EQ(run({"plan", "scene.toml", "-o", "plan.json"}, folder.path()).code, 0);
  ASSERT_EQ(run({"task", "plan.json", "key:1"}, folder.path()).code, 0);
  const auto status = run({"status", "plan.json"}, folder.path());
  EXPECT_EQ(status.code, 75);
  EXPECT_THAT(status.out, HasSubstr("key   1/2  to do: key:0\n"));
  EXPECT_THAT(status.out, HasSubstr("film  0/1  to do: film\n"));
}

TEST(Tasks, RefuseAPlanWhoseSceneWasChanged) {
  const Folder folder;
  folder.write("scene.toml", kTaskScene);
  ASSERT_EQ(run({"plan", "scene.toml", "-o", "plan.json"}, folder.path()).code, 0);
  folder.write("scene.toml", with("a red heart", "a green heart"));
  const auto changed = run({"task", "plan.json", "key:0"}, folder.path());
  EXPECT_EQ(changed.code, 65);
  EXPECT_THAT(changed.error, HasSubstr("was changed since it was made"));
  folder.write("scene.toml", kTaskScene);
  const auto unknown = run({"task", "plan.json", "key:7"}, folder.path());
  EXPECT_EQ(unknown.code, 66);
  EXPECT_THAT(unknown.error,
              HasSubstr("the plan has key:0 to key:1, pace:0, seg:0 to seg:1, and film"));
  folder.write("plan.json", "{}");
  EXPECT_EQ(run({"task", "plan.json", "key:0"}, folder.path()).code, 65);
  EXPECT_EQ(run({"task", "none.json", "key:0"}, folder.path()).code, 66);
}

TEST(Tasks, EndWhenTheirTimeIsUpAndGoOn) {
  const Folder folder;
  folder.write("scene.toml", kTaskScene);
  ASSERT_EQ(run({"plan", "scene.toml", "-o", "plan.json"}, folder.path()).code, 0);
  const auto late = run({"task", "plan.json", "key:1", "--task-limit", "0.000001s"}, folder.path());
  EXPECT_EQ(late.code, 75);
  EXPECT_THAT(late.error,
              HasSubstr("key:1 took longer than its limit of 1e-06 seconds. What was done is kept; "
                        "run the same command again to continue from there"));
  const auto render = run({"render", "scene.toml", "--task-limit", "0.000001"}, folder.path());
  EXPECT_EQ(render.code, 75);
  EXPECT_THAT(render.error, HasSubstr("key:0 took longer"));
  EXPECT_FALSE(fs::exists(folder / "scene.mp4"));
  EXPECT_EQ(run({"task", "plan.json", "key:1", "--task-limit", "1h"}, folder.path()).code, 0);
  for (const std::string text : {"soon", "0", "-3m", "3d", ""}) {
    EXPECT_EQ(run({"task", "plan.json", "key:1", "--task-limit", text}, folder.path()).code, 64);
  }
}

TEST(Tasks, HaveAHeartbeatWhileTheyWork) {
  const Folder folder;
  folder.write("scene.toml", with("iterations = 2", "iterations = 5000"));
  ASSERT_EQ(run({"plan", "scene.toml", "-o", "plan.json"}, folder.path()).code, 0);
  const std::vector<std::string> call = {"task",      "plan.json",   "key:0",
                                         "--on-term", "retry",       "--progress",
                                         "json",      "--heartbeat", "alive.json"};
  Program program(call, folder.path());
  ASSERT_TRUE(program.says("\"iteration\":1,"));
  const auto beat = json::parse(read_file(folder / "alive.json"));
  EXPECT_TRUE(beat.contains("task") && beat.contains("done") && beat.contains("seconds"));
  program.send(SIGTERM);
  const auto stopped = program.wait();
  EXPECT_EQ(stopped.code, 75) << stopped.error;
  EXPECT_FALSE(fs::exists(folder / "alive.json"));
  EXPECT_EQ(folder.unfinished(), 0);
  const auto nowhere =
      run({"task", "plan.json", "key:0", "--heartbeat", "nowhere/alive"}, folder.path());
  EXPECT_EQ(nowhere.code, 73);
  EXPECT_THAT(nowhere.error, HasSubstr("nowhere/alive"));
}

TEST(Plans, CostOnlyWhatIsNotDone) {
  const Folder folder;
  folder.write("scene.toml", kTaskScene);
  EXPECT_THAT(run({"plan", "scene.toml"}, folder.path()).out, HasSubstr("at most 4 iterations"));
  ASSERT_EQ(run({"render", "scene.toml"}, folder.path()).code, 0);
  const auto plan = run({"plan", "scene.toml"}, folder.path());
  EXPECT_THAT(plan.out, HasSubstr("nothing to optimize or encode: it is in the store"));
  EXPECT_THAT(plan.out, HasSubstr("  disk      about"));
  folder.write("scene.toml", with("a red heart", "a green heart"));
  EXPECT_THAT(run({"plan", "scene.toml"}, folder.path()).out, HasSubstr("at most 2 iterations"));
}

TEST(Stores, AreShownAndCleaned) {
  const Folder folder;
  folder.write("scene.toml", kTaskScene);
  ASSERT_EQ(run({"render", "scene.toml"}, folder.path()).code, 0);
  const auto shown = run({"store"}, folder.path());
  EXPECT_EQ(shown.code, 0);
  EXPECT_THAT(shown.out, HasSubstr("  key              2  "));
  EXPECT_THAT(shown.out, HasSubstr("  segment          2  "));
  const auto cleaned = run({"store", "--clean", "0"}, folder.path());
  EXPECT_EQ(cleaned.code, 0);
  EXPECT_THAT(cleaned.out, HasSubstr("0 B in 0 entries"));
  EXPECT_EQ(run({"store", "--clean", "much"}, folder.path()).code, 64);
}

TEST(Stores, KeepTheirLimitAfterAFilm) {
  const Folder folder;
  folder.write("one.toml", kTaskScene);
  folder.write("two.toml", with("a red heart", "a green heart"));
  ASSERT_EQ(run({"render", "one.toml"}, folder.path()).code, 0);
  ASSERT_EQ(run({"render", "two.toml", "--store-limit", "1k"}, folder.path()).code, 0);
  // What the second film used is never removed under it; what only the first did is gone.
  const auto again = run({"render", "two.toml", "-o", "again.mp4"}, folder.path());
  EXPECT_THAT(again.error, HasSubstr("key:0 reused"));
  const auto first = run({"render", "one.toml", "-o", "again.mp4"}, folder.path());
  EXPECT_THAT(first.error, HasSubstr("key:0 started"));
}

TEST(Reports, AreOnePageBesideTheFilmOrAfterwards) {
  const Folder folder;
  folder.write("scene.toml", kTaskScene);
  const auto both = run({"render", "scene.toml", "--report", "page"}, folder.path());
  EXPECT_EQ(both.code, 0) << both.error;
  EXPECT_THAT(both.error, HasSubstr("Report: page/index.html"));
  const auto page = read_file(folder / "page/index.html");
  EXPECT_THAT(page, HasSubstr("a red heart on a white background"));
  EXPECT_THAT(page, Not(HasSubstr("http://")));
  const auto after = run({"report", "scene.toml", "-o", "later"}, folder.path());
  EXPECT_EQ(after.code, 0) << after.error;
  EXPECT_EQ(after.out, "later/index.html\n");
  EXPECT_THAT(read_file(folder / "later/index.html"), HasSubstr("<svg"));
  fs::remove(folder / "scene.mp4");
  const auto none = run({"report", "scene.toml", "-o", "later"}, folder.path());
  EXPECT_EQ(none.code, 66);
  EXPECT_THAT(none.error, HasSubstr("there is no such film. Render it first"));
}

// --- Batches -------------------------------------------------------------------------------------

const char* const kAlbum = R"([shared]
optimize.iterations = 3
[[film]]
scene = "one.toml"
output = "01.mp4"
[[film]]
scene = "bad.toml"
[[film]]
scene = "two.toml"
set.optimize.seed = 5
)";

Folder& with_album(Folder& folder) {
  folder.write("one.toml", kTaskScene);
  folder.write("two.toml", with("a red heart", "a green heart"));
  folder.write("bad.toml", with("fps = 8", "fps = 0"));
  folder.write("album.toml", kAlbum);
  return folder;
}

TEST(Batches, GoOnWhenOneFilmFailsAndTellWhatBecameOfEach) {
  Folder folder;
  with_album(folder);
  const auto result =
      run({"batch", "album.toml", "-o", "films", "--results", "results.json"}, folder.path());
  EXPECT_EQ(result.code, 65);
  const auto results = json::parse(read_file(folder / "results.json"));
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(results[0]["state"], "done");
  EXPECT_EQ(results[0]["frames"], 21);
  EXPECT_EQ(results[1]["state"], "failed");
  EXPECT_EQ(results[1]["code"], 65);
  EXPECT_EQ(results[2]["state"], "done");
  EXPECT_THAT(result.out, HasSubstr("two.toml  done"));
  EXPECT_TRUE(fs::exists(folder / "films/01.mp4") && fs::exists(folder / "films/two.mp4"));

  const auto again = run({"batch", "album.toml", "-o", "films"}, folder.path());
  EXPECT_THAT(again.out, HasSubstr("two.toml  reused"));
  // The same as a call of its own.
  ASSERT_EQ(run({"render", "two.toml", "-o", "alone.mp4", "--store", "other", "--set",
                 "optimize.iterations=3", "--set", "optimize.seed=5"},
                folder.path())
                .code,
            0);
  EXPECT_EQ(read_file(folder / "films/two.mp4"), read_file(folder / "alone.mp4"));
}

int times_said(const std::string& text, const std::string& words) {
  int count = 0;
  for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) ++count;
  return count;
}

TEST(Batches, OfTwoProcessesMakeTheSameFilmsAndWarnOnce) {
  Folder folder;
  with_album(folder);
  folder.write("two.toml", with("a red heart", "a green heart | fog:-0.5"));
  const auto one = run({"batch", "album.toml", "-o", "a", "--threads", "1"}, folder.path());
  EXPECT_EQ(one.code, 65) << one.error;
  const auto two = run({"batch", "album.toml", "-o", "b", "--threads", "1", "--device", "cpu,cpu",
                        "--store", "other", "--results", "results.json"},
                       folder.path());
  EXPECT_EQ(two.code, 65) << two.error;
  for (const std::string film : {"01.mp4", "two.mp4"}) {
    EXPECT_FALSE(read_file(folder / "a" / film).empty());
    EXPECT_EQ(read_file(folder / "a" / film), read_file(folder / "b" / film)) << two.error;
  }
  const auto results = json::parse(read_file(folder / "results.json"));
  EXPECT_EQ(results[0]["state"], "done");
  EXPECT_EQ(results[1]["state"], "failed");
  EXPECT_EQ(times_said(one.error, "warning: two.toml:"), 1) << one.error;
  EXPECT_EQ(times_said(two.error, "warning: two.toml:"), 1) << two.error;
}

// What a store holds of the tasks, by kind and name.
std::map<std::string, fs::path> outputs_in(const fs::path& store) {
  std::map<std::string, fs::path> outputs;
  for (const auto& entry : fs::recursive_directory_iterator(store / "v3")) {
    const auto kind = entry.path().parent_path().parent_path().filename().string();
    if (!entry.is_regular_file() || kind == "digest") continue;
    outputs[kind + " " + entry.path().filename().string().substr(0, 64)] = entry.path();
  }
  return outputs;
}

TEST(Batches, ForcedMakeEverythingAnewInTwoProcessesToo) {
  Folder folder;
  with_album(folder);
  std::vector<std::string> call = {"batch", "one.toml", "two.toml", "--threads", "1",    "-o",
                                   "films", "--device", "cpu,cpu",  "--store",   "store"};
  ASSERT_EQ(run(call, folder.path()).code, 0);
  const auto before = read_file(folder / "films/one.mp4");
  const auto old = outputs_in(folder / "store");
  ASSERT_EQ(old.size(), 11u);  // three keys, of which both films show one; paces, segments, films
  // A second name keeps the old file, so that no new one can be taken for it.
  for (const auto& [name, file] : old) fs::create_hard_link(file, folder / name);
  const auto reused = run(call, folder.path());
  EXPECT_THAT(reused.out, HasSubstr("one.toml  reused"));
  call.push_back("--force");
  const auto forced = run(call, folder.path());
  EXPECT_EQ(forced.code, 0) << forced.error;
  EXPECT_THAT(forced.out, HasSubstr("one.toml  done"));
  const auto anew = outputs_in(folder / "store");
  ASSERT_EQ(anew.size(), old.size());
  for (const auto& [name, file] : anew) {
    ASSERT_EQ(old.count(name), 1u) << name;
    EXPECT_FALSE(fs::equivalent(file, folder / name)) << name;
  }
  EXPECT_TRUE(read_file(folder / "films/one.mp4") == before);
}

TEST(Batches, StoppedGoOnWhereTheyEnded) {
  Folder folder;
  with_album(folder);
  const std::vector<std::string> call = {"batch", "one.toml",   "two.toml", "-o",
                                         "films", "--progress", "json"};
  const auto stopped = run(call, folder.path(), "film 2 of 2");
  EXPECT_EQ(stopped.code, 130) << stopped.error;
  EXPECT_TRUE(fs::exists(folder / "films/one.mp4"));
  const auto rest = run(call, folder.path());
  EXPECT_EQ(rest.code, 0) << rest.error;
  EXPECT_THAT(rest.out, HasSubstr("one.toml  reused"));
  EXPECT_THAT(rest.out, HasSubstr("two.toml  done"));
}

TEST(Batches, DryRunsRenderNothing) {
  Folder folder;
  with_album(folder);
  const auto dry = run({"batch", "album.toml", "--dry-run", "-o", "films"}, folder.path());
  EXPECT_EQ(dry.code, 65);
  EXPECT_THAT(dry.out, HasSubstr("one.toml  6 of 6 tasks to do"));
  EXPECT_THAT(dry.out, HasSubstr("bad.toml"));
  EXPECT_FALSE(fs::exists(folder / "films"));
  // A preview takes no film's place, whoever named that.
  ASSERT_EQ(run({"batch", "album.toml", "--dry-run", "--preview", "-o", "films", "--results",
                 "small.json"},
                folder.path())
                .code,
            65);
  const auto previews = json::parse(read_file(folder / "small.json"));
  EXPECT_EQ(previews[0]["film"], "films/01-preview.mp4");
  EXPECT_EQ(previews[2]["film"], "films/two-preview.mp4");
  const auto twice = run({"batch", "one.toml", "one.toml"}, folder.path());
  EXPECT_EQ(twice.code, 65);
  EXPECT_THAT(twice.error, HasSubstr("two would be called one"));
}

}  // namespace
}  // namespace latentreel::cli::testing
