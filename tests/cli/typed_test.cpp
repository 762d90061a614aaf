// What people type, and what they hope for.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/run.h"

namespace latentreel::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using testing::Folder;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::run;

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
  std::string text = kTypedScene;
  text.replace(text.find(from), from.size(), to);
  return text;
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

}  // namespace
}  // namespace latentreel::cli
