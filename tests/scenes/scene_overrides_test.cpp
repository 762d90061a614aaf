#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "scenes/scene_reader.h"
#include "tests/scenes/support.h"

namespace latentreel::scenes {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

const char* const kScene =
    "[video]\nfps = 25\n"
    "[optimize]\niterations = 50\n"
    "[[keyframe]]\nat = 8\nprompt = \"later\"\niterations = 7\n"
    "[[keyframe]]\nat = 0\nprompts = [\"sooner\"]\n";

Scene overridden(const std::vector<Override>& overrides) {
  return parse_scene(kScene, "film.toml", overrides);
}

TEST(SceneOverridesTest, SetAnyKey) {
  const Scene scene = overridden({{"title", "1984"},
                                  {"artist", "2 of us"},
                                  {"video.fps", "30000/1001"},
                                  {"video.size", "64x64"},
                                  {"video.duration", "00:00:10"},
                                  {"music.bpm", "120"},
                                  {"models.clip", "[\"a\", \"b\"]"},
                                  {"interpolate.loop", "true"},
                                  {"interpolate.easing", "linear"}});
  EXPECT_EQ(scene.title, "1984");
  EXPECT_EQ(scene.artist, "2 of us");
  EXPECT_EQ(scene.video.fps, (FrameRate{30000, 1001}));
  EXPECT_EQ(scene.video.width, 64);
  EXPECT_EQ(scene.video.duration, RationalTime(10, 1));
  EXPECT_EQ(scene.music.bpm, RationalTime(120, 1));
  EXPECT_EQ(scene.models.clip.size(), 2u);
  EXPECT_TRUE(scene.interpolate.loop);
  EXPECT_EQ(scene.interpolate.easing, Easing::linear);
}

TEST(SceneOverridesTest, OfOptimizeBeatKeyframes) {
  const Scene scene = overridden({{"optimize.iterations", "3"},
                                  {"optimize.start", "sine"},
                                  {"optimize.recipe", "article"},
                                  {"optimize.extra", "watercolor paper"},
                                  {"optimize.exclude", "[]"}});
  for (const Keyframe& keyframe : scene.keyframes) {
    EXPECT_EQ(keyframe.optimize.iterations, 3);
    EXPECT_EQ(keyframe.optimize.start, StartKind::sine);
    EXPECT_EQ(keyframe.optimize.recipe, "article");
    EXPECT_EQ(keyframe.optimize.optimizer, OptimizerKind::adamw);
    EXPECT_THAT(keyframe.optimize.extra, ElementsAre("watercolor paper"));
  }
}

TEST(SceneOverridesTest, OfOneKeyframeBeatAllAndCountInOrderOfTime) {
  const Scene scene = overridden({{"keyframe.0.iterations", "1"},
                                  {"optimize.iterations", "3"},
                                  {"keyframe.0.prompt", "a castle, \"red\""},
                                  {"keyframe.1.prompts", "[\"a\", { text = \"b\", weight = 2 }]"},
                                  {"keyframe.1.at", "frame 250"}});
  EXPECT_EQ(scene.keyframes[0].optimize.iterations, 1);
  EXPECT_EQ(scene.keyframes[1].optimize.iterations, 3);
  EXPECT_THAT(scene.keyframes[0].prompts, ElementsAre(Prompt{.text = "a castle, \"red\""}));
  EXPECT_THAT(scene.keyframes[1].prompts,
              ElementsAre(Prompt{.text = "a"}, Prompt{.text = "b", .weight = 2}));
  EXPECT_EQ(scene.keyframes[1].at, RationalTime(10, 1));
}

TEST(SceneOverridesTest, TheLastOfOneKeyWins) {
  EXPECT_EQ(overridden({{"video.fps", "30"}, {"video.fps", "60"}}).video.fps, (FrameRate{60, 1}));
  EXPECT_EQ(overridden({{"optimize.seed", "1"}, {"optimize.seed", "2"}}).keyframes[0].optimize.seed,
            2u);
}

TEST(SceneOverridesTest, ReplaceMistakesOfTheFile) {
  EXPECT_EQ(mistakes_of("[video]\nfps = 0\n[[keyframe]]\nprompt = \"a\"\n", {{"video.fps", "24"}}),
            "");
}

TEST(SceneOverridesTest, AreOneValueEach) {
  const Scene scene = overridden({{"keyframe.0.prompt", "1\nseed = 3"}, {"title", "\"\""}});
  EXPECT_EQ(scene.keyframes[0].prompts[0].text, "1\nseed = 3");
  EXPECT_EQ(scene.keyframes[0].optimize.seed, 0u);
  EXPECT_EQ(scene.title, "film");
  EXPECT_EQ(overridden({{"keyframe.0.prompt", "1984"}}).keyframes[0].prompts[0].text, "1984");
  EXPECT_EQ(overridden({{"keyframe.0.prompt", "a # b"}}).keyframes[0].prompts[0].text, "a # b");
}

TEST(SceneOverridesTest, SayWhatIsWrongWithThem) {
  const auto wrong = [](const std::string& key, const std::string& value) {
    return mistakes_of(kScene, {{key, value}});
  };
  EXPECT_EQ(wrong("optimize.iteratons", "50"),
            "--set optimize.iteratons=50: unknown key \"iteratons\" in [optimize], "
            "did you mean \"iterations\"?");
  EXPECT_EQ(wrong("vidoe.fps", "24"),
            "--set vidoe.fps=24: unknown key \"vidoe\", did you mean \"video\"?");
  EXPECT_EQ(wrong("iterations", "50"),
            "--set iterations=50: unknown key \"iterations\", "
            "did you mean \"optimize.iterations\"?");
  EXPECT_EQ(wrong("video", "24"),
            "--set video=24: expected one key of [video], as in --set video.fps=...");
  EXPECT_EQ(wrong("video.fps.x", "24"),
            "--set video.fps.x=24: expected one key of [video], as in --set video.fps=...");
  EXPECT_EQ(wrong("video.fps", "many"),
            "--set video.fps=many: fps: \"many\" is not a frame rate, "
            "write an integer, a decimal or a fraction such as \"30000/1001\"");
  EXPECT_EQ(wrong("keyframe.2.at", "3"), "--set keyframe.2.at=3: the scene has keyframes 0 to 1");
  EXPECT_EQ(wrong("keyframe.at", "3"),
            "--set keyframe.at=3: a keyframe's key needs its number, counted from 0, "
            "as in --set keyframe.0.iterations=50");
  EXPECT_EQ(wrong("keyframe.0.promt", "x"),
            "--set keyframe.0.promt=x: unknown key \"promt\" in [[keyframe]], "
            "did you mean \"prompt\"?");
  EXPECT_EQ(wrong("keyframe.1.at", "0"),
            "--set keyframe.1.at=0: two keyframes on frame 0 (0 s), the other is on line 9");
  EXPECT_EQ(
      wrong("title", "\x1b[31m"),
      "--set title=\\u001B[31m: title: the text contains the control character U+001B, remove it");
  EXPECT_EQ(wrong("", ""),
            "--set =: unknown key \"\", keys begin with title, artist, video, music, "
            "signals, models, optimize, interpolate, pulse, motion, feedback, source, picture and "
            "keyframe");
}

TEST(SceneOverridesTest, SurviveHostileValues) {
  for (const std::string& value :
       {std::string(100'000, '['), "a" + std::string(100'000, '.'), std::string("\xFF\xFE"),
        std::string(1, '\0'), std::string("{"), std::string("\"\"\"")}) {
    EXPECT_THAT(mistakes_of(kScene, {{"video.fps", value}}), StartsWith("--set video.fps="));
    EXPECT_THAT(mistakes_of(kScene, {{value, "1"}}), StartsWith("--set "));
  }
}

}  // namespace
}  // namespace latentreel::scenes
