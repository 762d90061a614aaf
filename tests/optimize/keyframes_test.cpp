#include "src/optimize/keyframes.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "tests/optimize/pair_files.h"
#include "tests/optimize/tiny_pair.h"

// What a keyframe's start shows, and what is left to ask for.

namespace latentreel::render {
namespace {

class FromTheBank : public ::testing::Test {
 protected:
  static scenes::Scene scene(const std::string& prompt, const std::string& more = "") {
    return scenes::parse_scene(
        "[video]\nsize = \"128x128\"\n[optimize]\nrecipe = \"picture-book\"\n"
        "cutouts = 4\n" +
            more + "\n[[keyframe]]\nat = 0\nprompt = \"" + prompt + "\"\n",
        "test.toml");
  }

  KeyframeRecord make(const scenes::Scene& scene) {
    return KeyframeMaker(scene, models_, machine_, nullptr, quiet_, never_)
        .make(0, "test", std::nullopt);
  }
  KeyframeOptimizer begin(const scenes::Scene& scene) {
    KeyframeMaker maker(scene, models_, machine_, nullptr, quiet_, never_);
    return maker.begin(maker.passes(0).back(), std::nullopt);
  }

  Machine machine_ = testing::test_machine();
  ModelPack models_{testing::files_in(LATENTREEL_SOURCE_DIR "/models/tiny"), machine_};
  NoProgress quiet_;
  StopToken never_;
};

TEST_F(FromTheBank, NothingMovesWhereThePromptIsFulfilled) {
  const auto record = make(scene("a rocket in space"));
  EXPECT_TRUE(at::equal(record.latent.z(), record.snapshots.at(0)));
  EXPECT_LT(record.history.size(), 10U) << "patience ends it";
  EXPECT_NEAR(record.history.front().loss, 0, 1e-5);
}

TEST_F(FromTheBank, NothingMovesWhereOtherWordsSayTheSame) {
  const auto record = make(scene("a hot air balloon over snow at night"));
  EXPECT_NE(record.start.find("in the snow"), std::string::npos) << record.start;
  EXPECT_TRUE(at::equal(record.latent.z(), record.snapshots.at(0)));
}

TEST_F(FromTheBank, NothingMovesWhereACollageFulfilsIt) {
  const auto record = make(scene("a purple owl in a forest at night"));
  EXPECT_NE(record.start.find("a purple owl"), std::string::npos) << record.start;
  EXPECT_TRUE(at::equal(record.latent.z(), record.snapshots.at(0)));
}

TEST_F(FromTheBank, WhatIsLackingIsAskedFor) {
  const auto record = make(scene("a rocket in space", "extra = \"pixel art\"\niterations = 4"));
  EXPECT_FALSE(at::equal(record.latent.z(), record.snapshots.at(0)));
  EXPECT_LT(record.history.back().loss, record.history.front().loss);
}

TEST_F(FromTheBank, WhatTheStartShowsIsTheLastOfThePrompts) {
  const auto optimizer = begin(scene("a rocket in space beside a zebra",
                                     "contrast = 0.5\nexclude = \"a cloud\"\ninclude_weight = 2"));
  const auto& targets = optimizer.guides().front().objective.targets();
  ASSERT_EQ(targets.size(), 3U);
  EXPECT_EQ(targets[2].text, "a rocket in space");
  EXPECT_EQ(targets[2].weight, -1) << "half of what the prompt weighs";
  EXPECT_EQ(
      begin(scene("a rocket in space", "contrast = 0")).guides().front().objective.targets().size(),
      1U);
}

TEST_F(FromTheBank, NothingIsWeighedAgainstAPromptThatStopsOrPushesAway) {
  const auto targets = [&](const std::string& prompts) {
    auto one = scene("a rocket in space");
    one.keyframes[0] =
        scenes::parse_scene(
            "[optimize]\nrecipe = \"picture-book\"\n[[keyframe]]\nat = 0\nprompts = [" + prompts +
                "]\n",
            "test.toml")
            .keyframes[0];
    return begin(one).guides().front().objective.targets();
  };
  const auto light = targets("{ text = \"a rocket in space\", weight = 0.4 }");
  ASSERT_EQ(light.size(), 2U);
  EXPECT_EQ(light[1].weight, -0.4);
  EXPECT_EQ(targets("{ text = \"a rocket in space\", stop = 0.9 }").size(), 1U);
  EXPECT_EQ(targets("{ text = \"a rocket in space\", weight = -1 }").size(), 1U);
}

TEST_F(FromTheBank, CoarsePassesBeginAtTheBanksPictureToo) {
  const auto record =
      make(scene("a purple owl in a forest at night",
                 "coarse = 1\nrestarts = 2\ncoarse_iterations = 2\niterations = 1"));
  EXPECT_NE(record.start.find("a purple owl"), std::string::npos) << record.start;
  EXPECT_NE(record.start.find("the best of 2 at 64x64"), std::string::npos) << record.start;
  EXPECT_EQ(record.history.size(), 1U);
}

TEST_F(FromTheBank, ThePullGrowsWithWhatTheStartShows) {
  const auto pull = [&](const std::string& prompt) {
    return begin(scene(prompt, "start_weight = 0.1\nmatch_weight = 2")).options().start_weight;
  };
  EXPECT_NEAR(pull("a rocket in space"), 2.1, 1e-2);
  const double part = pull("a rocket in space beside a zebra");
  EXPECT_GT(part, 0.2);
  EXPECT_LT(part, 1.9);
}

}  // namespace
}  // namespace latentreel::render
