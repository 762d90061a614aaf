// What people type, and what they hope for.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

#include "tests/cli/run.h"

namespace latentreel::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using testing::Folder;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::read_file;
using testing::run;
using ::testing::StartsWith;

// One keyframe in a frame.
constexpr const char* kTypedScene = R"(
[video]
size = "64x64"
fps = 8
[optimize]
iterations = 1
cutouts = 2
augment = []
start = "nearest"
[[keyframe]]
prompt = "a red heart on a white background"
)";

std::string typed_scene(const std::string& from, const std::string& to) {
  return testing::replaced(kTypedScene, from, to);
}

TEST(Typed, WeightsInsideOfAPromptAreWarnedOf) {
  const Folder folder;
  folder.write("scene.toml",
               typed_scene("a red heart on a white background", "a red heart:1.0 | blue:-0.5"));
  const std::string rewritten =
      R"(write prompts = ["a red heart", { text = "blue", weight = -0.5 }])";
  const auto plan = run({"plan", "scene.toml"}, folder.path());
  EXPECT_EQ(plan.code, 0) << plan.error;
  EXPECT_THAT(plan.error, AllOf(HasSubstr("warning: scene.toml:11: prompt"), HasSubstr(rewritten)));
  const auto render = run({"render", "scene.toml"}, folder.path());
  EXPECT_EQ(render.code, 0) << render.error;
  EXPECT_THAT(render.error, HasSubstr(rewritten));
  folder.write("scene.toml", kTypedScene);
  EXPECT_THAT(run({"plan", "scene.toml"}, folder.path()).error, Not(HasSubstr("warning")));
}

TEST(Typed, SeedsAreDrawnAndSaid) {
  const Folder folder;
  folder.write("scene.toml", kTypedScene);
  const auto drawn = run({"render", "scene.toml", "-o", "a.mp4", "--seed", "-1"}, folder.path());
  ASSERT_EQ(drawn.code, 0) << drawn.error;
  const std::string said = "the seed drawn is ";
  const auto at = drawn.error.find(said);
  ASSERT_NE(at, std::string::npos) << drawn.error;
  const auto seed = std::to_string(std::stoull(drawn.error.substr(at + said.size())));
  EXPECT_THAT(drawn.error, HasSubstr("--seed " + seed + " makes the same film again"));
  EXPECT_THAT(run({"scene", "a.mp4"}, folder.path()).out, HasSubstr("seed = " + seed + "\n"));
  ASSERT_EQ(run({"render", "scene.toml", "-o", "b.mp4", "--seed", seed}, folder.path()).code, 0);
  EXPECT_EQ(read_file(folder / "a.mp4"), read_file(folder / "b.mp4"));
}

TEST(Typed, SeedsMayHave64Bits) {
  const Folder folder;
  folder.write("scene.toml", kTypedScene);
  for (const std::string seed : {"9223372036854775808", "18446744073709551615"}) {
    const auto made =
        run({"render", "scene.toml", "-o", "film.mp4", "--seed", seed}, folder.path());
    ASSERT_EQ(made.code, 0) << made.error;
    const auto scene = run({"scene", "film.mp4"}, folder.path());
    EXPECT_THAT(scene.out, HasSubstr("seed = \"" + seed + "\"\n"));
  }
  // A plan's tasks know it too.
  const auto seed = "9223372036854775808";
  ASSERT_EQ(run({"plan", "scene.toml", "-o", "plan.json", "--seed", seed}, folder.path()).code, 0);
  EXPECT_EQ(run({"task", "plan.json", "key:0"}, folder.path()).code, 0);
}

TEST(Typed, OutputsGetTheirExtensionAndTheirFolders) {
  const Folder folder;
  folder.write("my scene.toml", kTypedScene);
  fs::create_directory(folder / "films");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"film", "film.mp4"},
      {".", "my scene.mp4"},
      {"films", "films/my scene.mp4"},
      {"new/folder/film.mp4", "new/folder/film.mp4"},
      {"other/", "other/my scene.mp4"}};
  for (const auto& [asked, made] : cases) {
    const auto render = run({"render", "my scene.toml", "-o", asked}, folder.path());
    EXPECT_EQ(render.code, 0) << asked << "\n" << render.error;
    EXPECT_EQ(render.out, made + "\n") << asked;
    EXPECT_TRUE(fs::is_regular_file(folder / made)) << asked;
  }
  EXPECT_EQ(folder.unfinished(), 0);
}

TEST(Typed, ATildeIsTheHomeFolderWhereverItStands) {
  const Folder folder;
  folder.write("home/scene.toml", kTypedScene);
  const testing::Surroundings own{.environment = {{"HOME", (folder / "home").string()}}};
  const auto render = testing::run_in(
      own, {"render", "~/scene.toml", "--store=~/kept", "--output=~/films/a.mp4"}, folder.path());
  EXPECT_EQ(render.code, 0) << render.error;
  EXPECT_TRUE(fs::exists(folder / "home/kept"));
  EXPECT_TRUE(fs::exists(folder / "home/films/a.mp4"));
  EXPECT_FALSE(fs::exists(folder / "~"));
}

TEST(Typed, APlanLeavesNoFolders) {
  const Folder folder;
  folder.write("scene.toml", kTypedScene);
  const auto plan = run({"plan", "scene.toml", "--film", "new/folder/film"}, folder.path());
  EXPECT_EQ(plan.code, 0) << plan.error;
  EXPECT_THAT(plan.out, HasSubstr("beside new/folder/film.mp4"));
  EXPECT_FALSE(fs::exists(folder / "new"));
}

TEST(Typed, ProposedCommandsCanBePasted) {
  const Folder folder;
  const testing::Surroundings own{.environment = {{"XDG_DATA_HOME", (folder / "data").string()}}};
  const auto made = testing::run_in(own, {"new", "scenes/first light.toml"}, folder.path());
  EXPECT_EQ(made.code, 0) << made.error;
  EXPECT_THAT(made.error, HasSubstr("latentreel render 'scenes/first light.toml'\n"));
  EXPECT_TRUE(fs::exists(folder / "scenes/first light.toml"));
  folder.write("it's.toml", kTypedScene);
  const auto report = run({"report", "it's.toml", "-o", "page"}, folder.path());
  EXPECT_EQ(report.code, 66);
  EXPECT_THAT(report.error, HasSubstr(R"((latentreel render 'it'\''s.toml'))"));
  const auto plan = run({"plan", "it's.toml", "-o", "my plan.json"}, folder.path());
  EXPECT_EQ(plan.code, 0) << plan.error;
  EXPECT_THAT(plan.out, HasSubstr("latentreel task 'my plan.json' NAME"));
}

TEST(Typed, APlanShowsEmojiAndLineBreaks) {
  const Folder folder;
  folder.write("scene.toml", typed_scene("\"a red heart on a white background\"",
                                         "\"a red \U0001F3F0\\nheart\""));
  const auto plan = run({"plan", "scene.toml"}, folder.path());
  EXPECT_EQ(plan.code, 0) << plan.error;
  EXPECT_THAT(plan.out,
              AllOf(HasSubstr("\"a red \U0001F3F0\\nheart\""),
                    HasSubstr("tokens: a red \U0001F3F0 heart\n"), Not(HasSubstr("\\x"))));
}

TEST(Typed, AReaderWhoHasReadEnoughIsNoError) {
  const Folder folder;
  folder.write("scene.toml", kTypedScene);
  const std::string call =
      "cd '" + folder.path().string() +
      "' && { XDG_CACHE_HOME=\"$PWD/cache\" '" LATENTREEL_BUILD_DIR
      "/src/cli/latentreel' plan scene.toml 2> error.txt; echo $? > code.txt; }"
      " | true";
  EXPECT_EQ(std::system(call.c_str()), 0);
  EXPECT_EQ(read_file(folder / "code.txt"), "0\n");
  EXPECT_EQ(read_file(folder / "error.txt"), "");
}

TEST(Typed, EveryPromptThatIsTooLongIsToldBeforeAnythingElse) {
  const Folder folder;
  std::string longest;
  for (int i = 0; i < 40; ++i) longest += " red";
  folder.write("scene.toml",
               typed_scene("[[keyframe]]\nprompt = \"a red heart on a white background\"",
                           "extra = \"a" + longest + "\"\n[[keyframe]]\nprompt = \"a" + longest +
                               "\"\n[[keyframe]]\nat = 1\nprompts = [\"a cow\", "
                               "{ text = \"a" +
                               longest + "\" }]"));
  for (const std::string command : {"plan", "render"}) {
    const auto result = run({command, "scene.toml"}, folder.path());
    EXPECT_EQ(result.code, 65);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.error,
                AllOf(StartsWith("scene.toml:10: extra's \"a red"),
                      HasSubstr("scene.toml:12: the prompt \"a red red"),
                      HasSubstr("scene.toml:15: the prompt \"a red"),
                      HasSubstr("has 41 tokens, but tiny reads at most 30, shorten it")));
  }
}

TEST(Typed, WithoutAHomeWorkIsKeptInAPrivateFolder) {
  const Folder folder;
  folder.write("scene.toml", kTypedScene);
  fs::create_directory(folder / "tmp");
  const auto nobody = [] {
    unsetenv("HOME");
    unsetenv("XDG_CACHE_HOME");
  };
  const testing::Surroundings homeless{.environment = {{"TMPDIR", (folder / "tmp").string()}},
                                       .before = nobody};
  const auto store = testing::run_in(homeless, {"store"}, folder.path());
  EXPECT_EQ(store.code, 0) << store.error;
  const auto* account = getpwuid(geteuid());
  if (account != nullptr && fs::is_directory(account->pw_dir)) {
    EXPECT_THAT(store.out, StartsWith(std::string(account->pw_dir) + "/.cache/latentreel"));
  } else {
    EXPECT_THAT(store.out, StartsWith((folder / "tmp/latentreel-").string()));
  }
}

}  // namespace
}  // namespace latentreel::cli
