#include "scenes/frame_chains.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "scenes/affine.h"
#include "scenes/frame_script.h"
#include "scenes/recipes.h"
#include "scenes/scene_error.h"
#include "tests/scenes/aggregate.h"
#include "tests/scenes/support.h"

namespace latentreel::scenes {
namespace {

using testing::HasSubstr;

// Keyframes at 0, 2 and 5 s of a film of 8 s.
Scene scene_of(const std::string& tables, int fps = 12, const std::string& second = "") {
  return parse_scene("[video]\nfps = " + std::to_string(fps) + "\nduration = \"8s\"\n" + tables +
                         "\n[[keyframe]]\nprompt = \"a\"\n"
                         "[[keyframe]]\nat = 2\n" +
                         second +
                         "\nprompt = \"b\"\n"
                         "[[keyframe]]\nat = 5\nprompt = \"c\"\n",
                     "film.toml");
}

FrameScript chained(const std::string& tables, int fps = 12, const std::string& second = "") {
  const auto scene = scene_of(tables, fps, second);
  return FrameScript(Timeline(scene), scene);
}

Affine of(const Camera& c) {
  return {c.xx, c.xy, c.x, c.yx, c.yy, c.y};
}

TEST(FrameChainsTest, AFilmWithoutFeedbackHasNone) {
  const auto script = chained("");
  EXPECT_TRUE(script.chains().empty());
  EXPECT_FALSE(script.at(30).is_chained());
}

TEST(FrameChainsTest, EveryFrameIsInOnePart) {
  const auto script = chained("[feedback]");
  const auto& parts = script.chains().parts();
  ASSERT_EQ(parts.size(), 4u) << "two seconds each";
  std::int64_t frame = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    EXPECT_EQ(parts[i].range.first, frame);
    EXPECT_EQ(parts[i].keyframe, 0);
    EXPECT_EQ(parts[i].begins, i == 0);
    for (; frame < parts[i].range.end; ++frame) {
      const Chained place{.part = static_cast<int>(i), .number = frame - parts[i].range.first};
      EXPECT_EQ(script.at(frame).chain, place);
    }
  }
  EXPECT_EQ(frame, script.timeline().frame_count());
}

TEST(FrameChainsTest, ACutBeginsAChain) {
  const auto script = chained("[feedback]", 10, "cut = true");
  const auto& parts = script.chains().parts();
  ASSERT_EQ(parts.size(), 4u);
  EXPECT_EQ(parts[1], (ChainPart{.range = {20, 40}, .keyframe = 1, .begins = true}));
  EXPECT_EQ(parts[2], (ChainPart{.range = {40, 60}, .keyframe = 1, .begins = false}));
  EXPECT_EQ(script.step(19).number, 19);
  EXPECT_EQ(script.step(20), (ChainStep{.number = 0, .from = 1, .to = 1}));
  EXPECT_EQ(script.step(45).number, 25);
}

// A chain may begin in the middle of a segment.
TEST(FrameChainsTest, PartsAreCutWhereAChainBegins) {
  auto scene = scene_of("[feedback]", 10, "cut = true");
  scene.keyframes[1].at = RationalTime(27, 10);
  const FrameScript script(Timeline(scene), scene);
  const auto& parts = script.chains().parts();
  ASSERT_EQ(parts.size(), 5u);
  EXPECT_EQ(parts[1], (ChainPart{.range = {20, 27}, .keyframe = 0, .begins = false}));
  EXPECT_EQ(parts[2], (ChainPart{.range = {27, 40}, .keyframe = 1, .begins = true}));
}

TEST(FrameChainsTest, PromptsAreExchangedWithTheEasing) {
  const auto script = chained("[interpolate]\neasing = \"linear\"\n[feedback]");
  EXPECT_EQ(script.step(0), (ChainStep{.number = 0, .from = 0, .to = 0}));
  const auto half = script.step(12);
  EXPECT_EQ(half.from, 0);
  EXPECT_EQ(half.to, 1);
  EXPECT_DOUBLE_EQ(half.amount, 0.5);
  EXPECT_EQ(script.step(24).from, 1);
  EXPECT_EQ(script.step(24).to, 1);
  EXPECT_EQ(script.step(80).from, 2);
}

TEST(FrameChainsTest, NoPromptLeadsToACut) {
  const auto script = chained("[feedback]", 12, "cut = true");
  const auto before = script.step(20);
  EXPECT_EQ(before.from, 0);
  EXPECT_EQ(before.to, 0);
}

TEST(CutTest, WhatWasBeforeStandsUntilIt) {
  const auto script = chained("", 12, "cut = true");
  EXPECT_EQ(script.at(23), (FrameSpec{.from = 0, .to = 0}));
  EXPECT_EQ(script.at(24), (FrameSpec{.from = 1, .to = 1}));
  EXPECT_EQ(script.at(30).to, 2) << "from it on the way goes on";
}

TEST(CutTest, NoSplinePassesIt) {
  const auto script = chained("[interpolate]\npath = \"spline\"", 12, "cut = true");
  EXPECT_EQ(script.at(30).leaving, (Slope{.before = 1, .after = 2, .frames = 36}));
}

// z in one second, whatever the number of frames: within 0.01 pixels of 4096.
TEST(FrameChainsTest, ASecondOfStepsEndsInTheSamePlaceAtEveryFrameRate) {
  const std::string motion =
      "[motion]\nzoom = 1.7\nrotate = 25\npan = [0.1, -0.05]\ncenter = [0.3, 0.6]\n[feedback]";
  const std::string moving = "[motion]\nzoom = \"1.5 + 0.4 * sin(7 * t)\"\n[feedback]";
  for (const auto& tables : {motion, moving}) {
    Affine expected;
    for (const int fps : {24, 25, 60}) {
      const auto script = chained(tables, fps);
      Affine product;
      for (int frame = 1; frame <= fps; ++frame) product = product * of(script.step(frame).camera);
      if (fps == 24) expected = product;
      const double tolerance = 0.01 / 4096;
      EXPECT_NEAR(product.xx, expected.xx, tolerance) << fps;
      EXPECT_NEAR(product.xy, expected.xy, tolerance) << fps;
      EXPECT_NEAR(product.x, expected.x, tolerance) << fps;
      EXPECT_NEAR(product.y, expected.y, tolerance) << fps;
      if (tables == motion) {
        EXPECT_NEAR(std::hypot(product.xx, product.yx), 1 / 1.7, tolerance) << fps;
      }
    }
  }
}

TEST(FrameChainsTest, ACameraMayGoOnForEver) {
  const auto script = chained("[motion]\nzoom = 1000\n[feedback]");
  EXPECT_LT(script.step(90).camera.xx, 1);
  EXPECT_TRUE(script.at(90).camera.is_neutral()) << "the chain has moved already";
}

TEST(FrameChainsTest, ThatItStandsIsNoMovement) {
  const auto script = chained("[motion]\nzoom = [[0, 1], [4, 1], [4.1, 2]]\n[feedback]");
  EXPECT_TRUE(script.step(20).camera.is_neutral());
  EXPECT_FALSE(script.step(60).camera.is_neutral());
}

TEST(FrameChainsTest, AFrameIsKnownByItsPlaceAlone) {
  const auto text = text_of(chained("[picture]\nbrightness = 0.5\n[feedback]").at(30));
  EXPECT_THAT(text, HasSubstr("chain.part=1 chain.number=6"));
  EXPECT_THAT(text, HasSubstr("grade.brightness=0.5"));
  EXPECT_THAT(text, testing::Not(HasSubstr("from=")));
}

// A field that is not visited is in no hash.
TEST(FrameChainsTest, EveryFieldOfAStepIsVisited) {
  int visited = 0;
  const ChainStep step{.number = 1, .weights = {.from = {.prompts = {1}}, .to = {}}};
  visit_fields(step, [&](std::string_view, const auto&) { ++visited; });
  // A step's picture is never resized. The time is two numbers. Weights are their count, each, and
  // that of extra.
  const int weights = 3 + 2;
  EXPECT_EQ(visited, fields_in<ChainStep>() - 2 + fields_in<Camera>() - 1 + 1 + weights);
  visited = 0;
  visit_fields(ChainStep{.number = 1}, [&](std::string_view, const auto&) { ++visited; });
  EXPECT_EQ(visited, fields_in<ChainStep>() - 2 + fields_in<Camera>() - 1 + 1)
      << "films without keep their hashes";
  visited = 0;
  visit_fields(FrameSpec{.chain = {.part = 0}}, [&](std::string_view, const auto&) { ++visited; });
  EXPECT_EQ(visited, fields_in<Chained>());
}

TEST(FeedbackTest, ARecipeGivesWhatTheSceneLeavesOut) {
  EXPECT_FALSE(scene_of("").feedback.on);
  EXPECT_EQ(scene_of("[feedback]").feedback, recipe(FeedbackRecipe::steady));
  const auto feedback = scene_of("[feedback]\niterations = 3\nrecipe = \"story\"").feedback;
  auto expected = recipe(FeedbackRecipe::story);
  expected.iterations = 3;
  EXPECT_EQ(feedback, expected);
  EXPECT_EQ(feedback.learning, FeedbackLearning::carried);
  EXPECT_EQ(recipe(FeedbackRecipe::steady), (FeedbackOptions{.on = true})) << "the defaults";
}

TEST(FeedbackTest, APulseHasNoOtherKeyframeToGoTo) {
  try {
    scene_of("[pulse]\namount = 0.3\ntowards = \"next\"\n[feedback]");
    FAIL();
  } catch (const SceneError& error) {
    EXPECT_THAT(error.what(), HasSubstr("towards: with [feedback] or [source] no other keyframe"));
  }
  EXPECT_EQ(scene_of("[pulse]\namount = 0.3\n[feedback]").pulse.towards, PulseTarget::noise);
}

TEST(FeedbackTest, WhatDoesNothingIsSaid) {
  const auto notes =
      scene_of("[interpolate]\npath = \"linear\"\n[motion]\nfrom = \"keyframe\"\n[feedback]").notes;
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_THAT(notes[0], HasSubstr("path: does nothing with [feedback]"));
  EXPECT_THAT(notes[1], HasSubstr("from: does nothing with [feedback]"));
}

// The first keyframe has a picture of its own, and so has one that is cut to.
TEST(FeedbackTest, OptionsOfPicturesThatAreNotMadeAreSaid) {
  const std::string optimize = "[optimize]\niterations = 9\nstart_weight = 0.1\n[feedback]";
  EXPECT_THAT(scene_of(optimize).notes, testing::IsEmpty());
  const std::string second = "start = \"previous\"\nstart_weight = 1\ncutouts = 3\nhold = 1";
  const auto notes = scene_of(optimize, 12, second).notes;
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_THAT(notes[0], HasSubstr("start: does nothing here with [feedback], where only the first "
                                  "keyframe, and those with cut = true"));
  EXPECT_THAT(notes[1], HasSubstr("start_weight: does nothing here"));
  EXPECT_THAT(notes[1], HasSubstr("[feedback] has hold in its place"));
  EXPECT_THAT(scene_of(optimize, 12, second + "\ncut = true").notes, testing::IsEmpty());
  EXPECT_THAT(scene_of("", 12, second).notes, testing::IsEmpty()) << "without feedback";
}

TEST(FeedbackTest, AKeyOfManyKeyframesIsSaidOnce) {
  std::string text =
      "[feedback]\nlearning_rate = 0.1\n[[keyframe]]\nprompt = \"a\"\nkeep = \"last\"\n";
  for (int i = 1; i < 5; ++i) {
    text += "[[keyframe]]\nat = " + std::to_string(i) +
            "\nprompt = \"b\"\nkeep = \"last\"\nlearning_rate = 1\n";
  }
  const auto notes = parse_scene(text, "film.toml").notes;
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_THAT(notes[0], HasSubstr("film.toml:9: keep: does nothing here"));
  EXPECT_THAT(notes[0], HasSubstr("(also in 3 more keyframes)"));
  EXPECT_THAT(notes[1], HasSubstr("learning_rate: does nothing here"));
}

TEST(FeedbackTest, FootageHasNoUseForWhatAllPicturesBeginWith) {
  const std::string source =
      "[source]\nvideo = \"" LATENTREEL_SOURCE_DIR "/examples/meadow.mp4\"\n";
  EXPECT_THAT(scene_of(source + "[optimize]\nrecipe = \"clean\"\ncutouts = 3").notes,
              testing::IsEmpty());
  const auto notes = scene_of(source + "[optimize]\niterations = 5\nlearning_rate = 1").notes;
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_THAT(notes[0], HasSubstr("iterations: does nothing with [source], as no keyframe has a "
                                  "picture of its own"));
  EXPECT_THAT(notes[1], HasSubstr("learning_rate: does nothing with [source], which has one"));
}

TEST(IdleOptions, OfAChoiceThatIsNotMadeAreSaid) {
  const auto notes_of = [](const std::string& lines) { return scene_of(lines).notes; };
  const std::string optimize =
      "[optimize]\ncollage = true\ncontrast = 5\ncut_power = 4\ncut_min = 0.5\ncycle_every = 9\n"
      "coarse_iterations = 70\n";
  EXPECT_EQ(notes_of(optimize).size(), 6u);
  EXPECT_THAT(notes_of(optimize)[0], HasSubstr("collage: does nothing with [optimize], where no "
                                               "keyframe has start = \"nearest\""));
  EXPECT_THAT(notes_of(optimize + "start = \"nearest\"\ncutter = \"crops\"\ncycle = 0.1\n"
                                  "coarse = 1\n"),
              testing::IsEmpty());
  const std::string pulse = "[pulse]\ntowards = \"next\"\nseed = 5\n";
  EXPECT_EQ(notes_of(pulse).size(), 2u);
  EXPECT_THAT(notes_of(pulse + "amount = 0.1\n"), testing::IsEmpty());
  const std::string motion = "[motion]\ncenter = [0.2, 0.2]\nedge = \"wrap\"\n";
  EXPECT_EQ(notes_of(motion).size(), 2u);
  EXPECT_EQ(notes_of(motion + "pan = [0.1, 0]\n").size(), 1u) << "nothing turns about the center";
  EXPECT_THAT(notes_of(motion + "zoom = 1.1\n"), testing::IsEmpty());
}

TEST(FeedbackTest, WhatNoIterationNeedsIsSaid) {
  const auto notes = scene_of("[feedback]\niterations = 0\nhold = 1\naverage_weight = 0.1").notes;
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_THAT(notes[0], HasSubstr("hold: does nothing with [feedback], whose iterations are 0"));
  EXPECT_THAT(notes[1], HasSubstr("average_weight: does nothing with [feedback], whose average"));
}

TEST(FeedbackTest, ACutOfTheFirstKeyframeIsSaidUnlessALoopComesBackToIt) {
  const std::string first = "[[keyframe]]\ncut = true\nprompt = \"a\"\n";
  const std::string second = "[[keyframe]]\nat = 2\nprompt = \"b\"\n";
  const auto notes = parse_scene(first + second, "film.toml").notes;
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_THAT(notes[0], HasSubstr("film.toml:2: cut: does nothing in the first keyframe"));
  const std::string loop = "[video]\nduration = 4\n[interpolate]\nloop = true\n";
  EXPECT_THAT(parse_scene(loop + first + second, "film.toml").notes, testing::IsEmpty());
}

}  // namespace
}  // namespace latentreel::scenes
