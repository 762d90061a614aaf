#include "src/report/film_measures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenes/scene_reader.h"

namespace latentreel::report {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::IsSupersetOf;
using ::testing::SizeIs;

TEST(SampledFrames, AreAllOfAShortFilm) {
  EXPECT_THAT(sampled_frames(5, {0, 4}), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(sampled_frames(1, {0}), ElementsAre(0));
  EXPECT_THAT(sampled_frames(0, {0}), SizeIs(0));
}

TEST(SampledFrames, HoldTheKeyframesTheEndsAndNoMoreThanAsked) {
  const auto frames = sampled_frames(100'000, {0, 777, 43'210, 100'000});
  EXPECT_LE(frames.size(), kMostSamples);
  EXPECT_GE(frames.size(), kMostSamples - 4);
  EXPECT_THAT(frames, IsSupersetOf({0, 777, 43'210, 99'999}));  // the last beyond the film's end
  EXPECT_TRUE(std::is_sorted(frames.begin(), frames.end()));
}

TEST(SampledFrames, AreEvenWhereKeyframesAreTooMany) {
  std::vector<std::int64_t> wanted;
  for (int i = 0; i < 200; ++i) wanted.push_back(3 * i);
  const auto frames = sampled_frames(10'000, wanted);
  EXPECT_EQ(frames.size(), kMostSamples);
  EXPECT_EQ(frames.back(), 9'999);
}

TEST(FilmTexts, AreEachTextOnceWithItsKeyframes) {
  const auto scene = scenes::parse_scene(R"(
[[keyframe]]
at = 0
prompts = ["a heart", { text = "snow", weight = -0.5 }]
[[keyframe]]
at = 1
prompts = ["a star", "a heart", "a heart"]
)",
                                         "test.toml");
  const auto texts = film_texts(scene);
  ASSERT_EQ(texts.size(), 2u);
  EXPECT_EQ(texts[0].text, "a heart");
  EXPECT_THAT(texts[0].keyframes, ElementsAre(0, 1));
  EXPECT_EQ(texts[1].text, "a star");
  EXPECT_TRUE(texts[1].belongs_to(1));
  EXPECT_FALSE(texts[1].belongs_to(0));
}

TEST(FilmMeasures, NearestSampleAndItsWinner) {
  const FilmMeasures film{
      .frames = 100, .sampled = {0, 10, 50}, .similarity = {{0.3, 0.2, 0.1}, {0.1, 0.3, 0.1}}};
  EXPECT_EQ(film.sample_near(-5), 0u);
  EXPECT_EQ(film.sample_near(4), 0u);
  EXPECT_EQ(film.sample_near(29), 1u);
  EXPECT_EQ(film.sample_near(31), 2u);
  EXPECT_EQ(film.sample_near(999), 2u);
  EXPECT_EQ(film.winner(0), 0);
  EXPECT_EQ(film.winner(1), 1);
  EXPECT_EQ(film.winner(2), 0);  // the first of equals
  EXPECT_EQ(FilmMeasures{}.winner(0), -1);
}

}  // namespace
}  // namespace latentreel::report
