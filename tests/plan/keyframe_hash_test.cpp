#include "src/plan/keyframe_hash.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <utility>

#include "scenes/enum_names.h"
#include "src/optimize/prompts.h"
#include "tests/optimize/tiny_pair.h"
#include "tests/scenes/other_value.h"

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

TEST(KeyframeHash, HoldsEveryOption) {
  const auto base = keyframe_with();
  for (const auto& row : scenes::optimize_rows()) {
    // What it comes to on this machine is hashed in its place: float32, written or not.
    if (row.key == "precision") continue;
    if (row.key == "start") continue;  // below: for each kind
    const auto value = scenes::other_value(row, base.optimize);
    const auto changed = keyframe_with({{"optimize." + std::string(row.key), value}});
    EXPECT_NE(hash_of(changed), hash_of(base)) << row.key << " = " << value;
  }
}

TEST(KeyframeHash, HoldsThePromptAndTheMachine) {
  const auto base = hash_of(keyframe_with());
  EXPECT_NE(hash_of(keyframe_with({{"keyframe.0.prompt", "a blue heart"}})), base);
  Machine other;
  other.kind = "another machine";
  EXPECT_NE(hash_of(keyframe_with(), other), base);
}

TEST(KeyframeHash, TellsEveryKindOfStartApart) {
  std::set<std::string> hashes;
  for (const auto& [word, kind] : scenes::EnumNames<scenes::StartKind>::kNames) {
    auto keyframe = keyframe_with();
    keyframe.optimize.start = kind;
    hashes.insert(hash_of(keyframe));
  }
  EXPECT_EQ(hashes.size(), scenes::EnumNames<scenes::StartKind>::kNames.size());
}

TEST(KeyframeHash, HoldsAClipAndItsMoment) {
  const std::filesystem::path clip = LATENTREEL_SOURCE_DIR "/examples/meadow.mp4";
  std::set<std::string> hashes;
  std::set<std::uint64_t> draws;
  const auto add = [&](scenes::Still still) {
    auto keyframe = keyframe_with();
    keyframe.prompts = {{.kind = scenes::Prompt::Kind::image, .image = still}};
    hashes.insert(hash_of(keyframe));
    draws.insert(content_hash(keyframe, *pack().clip_identities().front().tokenizer));
    keyframe = keyframe_with();
    keyframe.optimize.start = scenes::StartKind::image;
    keyframe.optimize.start_image = std::move(still);
    hashes.insert(hash_of(keyframe));
  };
  add({clip, scenes::RationalTime(1, 1)});
  add({clip, scenes::RationalTime(2, 1)});
  add({LATENTREEL_SOURCE_DIR "/examples/harbour.m4a", scenes::RationalTime(1, 1)});
  EXPECT_EQ(hashes.size(), 6u);
  EXPECT_EQ(draws.size(), 3u);
  add({clip, scenes::RationalTime(4, 2)});
  EXPECT_EQ(hashes.size(), 6u);
  EXPECT_EQ(draws.size(), 3u);
}

// A step's options at their defaults count too: a default that changes is another latent.
TEST(KeyframeHash, HoldsWhatAnAugmentationLeavesUnsaid) {
  auto keyframe = keyframe_with({{"optimize.augment", "[\"perspective\"]"}});
  const auto unsaid = hash_of(keyframe);
  keyframe.optimize.augment[0].scale += 0.25;
  EXPECT_NE(hash_of(keyframe), unsaid);
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
