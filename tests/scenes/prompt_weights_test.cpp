#include "scenes/prompt_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "scenes/film_graphs.h"
#include "scenes/frame_script.h"
#include "scenes/preview.h"
#include "scenes/scene_text.h"
#include "tests/scenes/support.h"

namespace latentreel::scenes {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kFeedback = "[feedback]\n";

// Keyframes at 0 and 2 s of a film of 4 s, 10 frames a second, between which prompts are exchanged
// evenly. The second keyframe has one prompt of weight 1.
std::string weighed(const std::string& prompts, const std::string& tables = kFeedback) {
  return "[video]\nfps = 10\nduration = \"4s\"\n[interpolate]\neasing = \"linear\"\n"
         "[optimize]\nrecipe = \"article\"\n" +
         tables + "[[keyframe]]\nprompts = [" + prompts +
         "]\n[[keyframe]]\nat = 2\nprompt = \"b\"\n";
}

Scene weighed_scene(const std::string& text) {
  return parse_scene(text, "film.toml");
}

FrameScript weighed_script(const std::string& text) {
  const auto scene = weighed_scene(text);
  return FrameScript(Timeline(scene), scene);
}

TEST(PromptWeightsTest, AreThoseOfTheFrame) {
  const auto script =
      weighed_script(weighed(R"("a", { text = "fog", weight = [["0s", 1], ["1s", -1]] }, )"
                             R"({ text = "c", weight = "frame / 10 - 0.5" })"));
  EXPECT_EQ(script.step(0), (ChainStep{.from = 0, .to = 0})) << "it is its keyframe's picture";
  EXPECT_THAT(script.step(1).weights.from.prompts, ElementsAre(1, 0.8, -0.4));
  EXPECT_THAT(script.step(5).weights.from.prompts, ElementsAre(1, 0, 0));
  EXPECT_THAT(script.step(10).weights.from.prompts, ElementsAre(1, -1, 0.5));
  EXPECT_TRUE(script.step(10).weights.to.are_always()) << "the second keyframe's do not change";
  EXPECT_EQ(script.step(30).weights, RulingWeights()) << "where it rules alone";
}

TEST(PromptWeightsTest, AreScaledByThoseOfTheOptions) {
  const auto script =
      weighed_script(weighed("{ text = \"a\", weight = 2 }",
                             "include_weight = \"t\"\nexclude = { text = \"x\", weight = 4 }\n"
                             "exclude_weight = [[\"0s\", 0], [\"1s\", 1]]\nextra = \"ink\"\n"
                             "extra_weight = \"1 - t\"\n[feedback]\n"));
  const auto from = script.step(5).weights.from;
  EXPECT_THAT(from.prompts, ElementsAre(1, -2));
  EXPECT_EQ(from.extra, 0.5);
  EXPECT_FALSE(script.step(5).weights.to.are_always()) << "[optimize] is all keyframes'";
}

TEST(PromptWeightsTest, OfWordsThatSayTheSameAreTheSame) {
  const auto weights = [](const std::string& weight) {
    return weighed_script(weighed("{ text = \"a\", weight = " + weight + " }")).step(7).weights;
  };
  EXPECT_EQ(weights("[[\"0s\", 0], [\"2s\", 2]]"), weights("\"t\""));
  EXPECT_EQ(weights("\"2000\"").from.prompts, std::vector<double>{1000}) << "the end of its range";
}

// An edit makes again what follows from the first frame whose numbers changed.
TEST(PromptWeightsTest, ALaterPointChangesNoEarlierFrame) {
  const auto with = [](const std::string& last) {
    return weighed_script(
        weighed("{ text = \"a\", weight = [[\"0s\", 1], [\"1s\", 1], [\"2s\", " + last + "]] }"));
  };
  const auto before = with("1"), after = with("2");
  for (int frame = 0; frame <= 10; ++frame) EXPECT_EQ(before.step(frame), after.step(frame));
  for (int frame = 11; frame < 20; ++frame) EXPECT_NE(before.step(frame), after.step(frame));
}

TEST(PromptWeightsTest, AKeyframesPictureHasThoseOfItsFrame) {
  auto scene = weighed_scene(
      "[video]\nfps = 10\nduration = \"4s\"\n[feedback]\n[[keyframe]]\nprompt = \"a\"\n"
      "[[keyframe]]\nat = 2\ncut = true\ninclude_weight = \"frame / 10\"\n"
      "prompts = [{ text = \"b\", weight = \"t + 1\" }]\n");
  settle_weights(scene, Timeline(scene), {});
  EXPECT_EQ(scene.keyframes[1].prompts[0].weight, 3);
  EXPECT_EQ(scene.keyframes[1].optimize.include_weight, 2);
  EXPECT_THAT(weights_of(scene.keyframes[1]).prompts, ElementsAre(6));
  EXPECT_TRUE(has_changing_weights(scene.keyframes[1])) << "they still change";
  EXPECT_FALSE(has_changing_weights(scene.keyframes[0]));
}

TEST(PromptWeightsTest, FootageHasThemFromItsFirstFrameOn) {
  TemporaryFolder folder;
  folder.write("clip.mp4", "");
  const auto scene =
      parse_scene(weighed("{ text = \"a\", weight = \"t\" }", "[source]\nvideo = \"clip.mp4\"\n"),
                  folder.path() / "film.toml");
  EXPECT_THAT(FrameScript(Timeline(scene), scene).step(0).weights.from.prompts, ElementsAre(0));
}

TEST(PromptWeightsTest, AreWrittenAsTheyAreRead) {
  const std::string lines =
      weighed(R"({ text = "a", weight = [["0s", 1], ["1s", -1, "ease-in"]] })",
              "extra = \"ink\"\nextra_weight = \"1 - t / 4\"\n"
              "exclude = [{ text = \"x\", weight = \"t\" }]\n[feedback]\n");
  const auto scene = weighed_scene(lines);
  const auto text = scene_text(scene);
  EXPECT_THAT(text, HasSubstr("weight = [[\"0s\", 1], [\"1s\", -1, \"ease-in\"]]"));
  EXPECT_THAT(text, HasSubstr("extra_weight = \"1 - t / 4\""));
  const auto again = weighed_scene(text);
  EXPECT_EQ(again.keyframes[0].prompts, scene.keyframes[0].prompts);
  EXPECT_EQ(again.keyframes[0].optimize, scene.keyframes[0].optimize);
}

TEST(PromptWeightsTest, WithoutFramesThatAreOptimizedTheyAreMistakes) {
  const auto told = mistakes_of(weighed("{ text = \"a\", weight = \"t\" }", ""));
  EXPECT_THAT(told, StartsWith("film.toml:9:35: weight: expected a number such as 1.0, found"));
  EXPECT_THAT(told, HasSubstr("a weight may change only with [feedback] or [source]"));
  EXPECT_THAT(mistakes_of(weighed("\"a\"", "extra_weight = [[\"0s\", 1]]\n")),
              HasSubstr("extra_weight: expected a number such as 1.0, found a list"));
  EXPECT_THAT(mistakes_of(weighed("{ text = \"a\", weight = \"low\" }")),
              HasSubstr("weight: \"low\" needs a song"));
  EXPECT_THAT(mistakes_of(weighed("{ text = \"a\", weight = [[\"0s\", 1001]] }")),
              HasSubstr("weight: 1001 is out of range"));
}

TEST(PromptWeightsTest, ThatAreNoNumberAreTold) {
  const auto scene = weighed_scene(weighed("{ text = \"a\", weight = \"1 / (t - 1)\" }"));
  try {
    FrameScript(Timeline(scene), scene);
    FAIL() << "no mistake";
  } catch (const SceneError& error) {
    EXPECT_THAT(error.what(), HasSubstr("weight: \"1 / (t - 1)\" is inf at frame 10"));
  }
}

TEST(PromptWeightsTest, AreGraphsWherePromptsAreExchanged) {
  const auto scene = weighed_scene(weighed("\"a\", { text = \"fog\", weight = \"2\" }"));
  const auto graphs = film_graphs(scene, Timeline(scene), {});
  ASSERT_EQ(graphs.size(), 1u) << "the first prompt's stays 1";
  EXPECT_EQ(graphs[0].name, "prompts[1].weight");
  EXPECT_EQ(graphs[0].values.at(0), 2);
  EXPECT_DOUBLE_EQ(graphs[0].values.at(10), 1) << "the second keyframe has no such prompt";
  EXPECT_EQ(graphs[0].values.at(25), 0);
}

TEST(PromptWeightsTest, StayInPreviews) {
  const auto scene = weighed_scene(weighed("{ text = \"a\", weight = \"t\" }"));
  EXPECT_EQ(preview_of(scene).keyframes[0].prompts, scene.keyframes[0].prompts);
}

}  // namespace
}  // namespace latentreel::scenes
