#include "src/render/keyframe_hash.h"

#include <gtest/gtest.h>

#include "src/render/prompts.h"
#include "tests/render/tiny_pair.h"

namespace latentreel::render {
namespace {

ModelPack& pack() {
  static ModelPack models(testing::tiny_files(), testing::test_machine());
  return models;
}

scenes::Keyframe keyframe_with(const std::vector<scenes::Override>& overrides = {}) {
  const auto scene = scenes::parse_scene(testing::small_scene(), "test.toml", overrides);
  return scene.keyframes[0];
}

std::string hash_of(const scenes::Keyframe& keyframe, const Machine& machine = {},
                    const std::string& previous = {}) {
  return keyframe_hash(keyframe, pack(), {8, 8}, machine, 16, previous);
}

TEST(KeyframeHash, HoldsWhatAffectsTheLatent) {
  const auto base = hash_of(keyframe_with());
  for (const auto& [key, value] : std::vector<std::pair<std::string, std::string>>{
           {"keyframe.0.prompt", "a blue heart"},
           {"optimize.seed", "4"},
           {"optimize.iterations", "4"},
           {"optimize.noise", "0.2"},
           {"optimize.augment", "[{ name = \"flip\" }]"},
           {"optimize.exclude", "[\"a car\"]"},
           {"optimize.extra", "watercolor"},
           {"optimize.collage", "true"},
           {"optimize.match_weight", "1"},
           {"optimize.contrast", "1"},
           {"optimize.smooth", "0.5"},
           {"optimize.mask", "0.5"},
           {"optimize.cycle", "0.5"},
           {"optimize.cycle_every", "2"},
           {"optimize.learning_rate_end", "0.5"},
           {"optimize.coarse", "1"},
           {"optimize.coarse_iterations", "7"},
           {"optimize.restarts", "3"},
           {"optimize.average", "0.5"},
           {"optimize.start", "nearest"}}) {
    EXPECT_NE(hash_of(keyframe_with({{key, value}})), base) << key;
  }
  Machine other;
  other.kind = "another machine";
  EXPECT_NE(hash_of(keyframe_with(), other), base);
}

TEST(KeyframeHash, LeavesOutWhatDoesNot) {
  const auto base = hash_of(keyframe_with());
  for (const auto& [key, value] :
       std::vector<std::pair<std::string, std::string>>{{"title", "Another"},
                                                        {"video.fps", "30"},
                                                        {"video.codec", "hevc"},
                                                        {"interpolate.easing", "linear"},
                                                        {"keyframe.1.prompt", "a fish"}}) {
    EXPECT_EQ(hash_of(keyframe_with({{key, value}})), base) << key;
  }
}

TEST(KeyframeHash, TellsApartStopsThatDifferLate) {
  auto a = keyframe_with(), b = keyframe_with();
  a.prompts[0].stop = 0;
  b.prompts[0].stop = 4e-7;
  EXPECT_NE(hash_of(a), hash_of(b));
}

TEST(KeyframeHash, FollowsThePreviousKeyframeOnlyWhereItStartsThere) {
  const auto chained = keyframe_with({{"keyframe.1.start", "previous"}});
  auto keyframe = keyframe_with();
  EXPECT_EQ(hash_of(keyframe, {}, "x"), hash_of(keyframe, {}, "y"));
  keyframe.optimize.start = scenes::StartKind::previous;
  EXPECT_NE(hash_of(keyframe, {}, "x"), hash_of(keyframe, {}, "y"));
}

// The same name in the store must mean the same latent: spellings that CLIP reads alike draw alike.
TEST(KeyframeHash, SpellingsThatReadAlikeAreTheSameInEverything) {
  const auto a = keyframe_with(),
             b = keyframe_with({{"keyframe.0.prompt", "A  RED heart on a white Background"}});
  const auto& tokenizer = *pack().clips(scenes::Precision::float32).front().tokenizer;
  EXPECT_EQ(hash_of(a), hash_of(b));
  EXPECT_EQ(content_hash(a, tokenizer), content_hash(b, tokenizer));
}

}  // namespace
}  // namespace latentreel::render
