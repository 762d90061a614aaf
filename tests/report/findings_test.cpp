#include "src/report/findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "scenes/scene_reader.h"

namespace latentreel::report {
namespace {

using render::KeyframeRecord;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A record whose smoothed loss is `f` of the iteration.
template <class F>
KeyframeRecord record_of(int iterations, F f) {
  KeyframeRecord record;
  record.seconds = iterations;
  double best = 1e9;
  for (int i = 0; i < iterations; ++i) {
    const double loss = f(i);
    record.history.push_back({.number = i, .loss = loss, .shares = {loss}, .smoothed = loss});
    if (loss < best) best = loss, record.best_iteration = i;
  }
  return record;
}

// Of one keyframe that was to make so many iterations.
std::vector<Finding> judged(int iterations, const KeyframeRecord& record) {
  std::vector<scenes::Keyframe> keyframes(1);
  keyframes[0].optimize.iterations = iterations;
  return optimization_findings(keyframes, {record});
}

TEST(Findings, APlateauIsSaidWithWhatItCosts) {
  const auto record = record_of(90, [](int i) { return i < 30 ? 1 - 0.01 * i : 0.7 + 0.001 * i; });
  const auto found = judged(90, record);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].what, "Keyframe 0 did not improve over the last third of its iterations.");
  EXPECT_THAT(found[0].try_, HasSubstr("iterations = 30 is enough and saves 1 min 00 s"));
}

TEST(Findings, WhatPassesBeforeTookIsNotSaved) {
  auto record = record_of(90, [](int i) { return i < 30 ? 1 - 0.01 * i : 0.7 + 0.001 * i; });
  record.seconds += 500;
  record.seconds_before = 500;
  const auto found = judged(90, record);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0].try_, HasSubstr("saves 1 min 00 s"));
}

TEST(Findings, AStartThatOtherPassesMadeNeedNotBecomeBetter) {
  auto record = record_of(90, [](int i) { return 0.7 + 0.001 * i; });
  EXPECT_EQ(judged(90, record).size(), 1u);
  record.seconds_before = 1;
  EXPECT_THAT(judged(90, record), IsEmpty());
}

TEST(Findings, PatienceThatEndedARunIsNoPlateau) {
  const auto record = record_of(60, [](int i) { return i < 30 ? 1 - 0.01 * i : 0.9; });
  EXPECT_THAT(judged(200, record), IsEmpty());
}

TEST(Findings, ARunThatStillFallsAsksForMore) {
  const auto record = record_of(60, [](int i) { return 1 - 0.01 * i; });
  const auto found = judged(60, record);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0].what, HasSubstr("Keyframe 0 still improved"));
  EXPECT_EQ(found[0].try_, "Try iterations = 120.");
}

TEST(Findings, AUsualRunIsNotRemarkable) {
  const auto record = record_of(90, [](int i) { return std::exp(-i / 25.0); });
  EXPECT_THAT(judged(90, record), IsEmpty());
}

TEST(Findings, ARunThatOnlyRoseIsAProblem) {
  const auto record = record_of(30, [](int i) { return 1 + 0.01 * i; });
  const auto found = judged(30, record);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].weight, Weight::problem);
  EXPECT_THAT(found[0].what, HasSubstr("never became better"));
}

TEST(Findings, ShortRunsAndNoneAreNotJudged) {
  EXPECT_THAT(judged(0, {}), IsEmpty());
  EXPECT_THAT(judged(5, record_of(5, [](int i) { return 1.0 + i; })), IsEmpty());
}

TEST(Findings, RollbacksAreSaid) {
  KeyframeRecord record;
  record.rollbacks = 2;
  const auto found = judged(3, record);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0].what, HasSubstr("2 times the loss was not a number"));
  EXPECT_THAT(found[0].try_, HasSubstr("float32"));
}

TEST(Findings, KeyframesThatShareAFateShareASentence) {
  std::vector<scenes::Keyframe> keyframes(20);
  for (auto& keyframe : keyframes) keyframe.optimize.iterations = 60;
  const auto falls = record_of(60, [](int i) { return 1 - 0.01 * i; });
  std::vector<KeyframeRecord> records(20, falls);
  auto found = optimization_findings(keyframes, records);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0].what, HasSubstr("Keyframes 0, 1, 2, 3, 4, 5 and 14 more still improved"));
  records.assign(20, {});
  records[3] = records[7] = falls;
  found = optimization_findings(keyframes, records);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0].what, HasSubstr("Keyframes 3 and 7 still improved"));
}

TEST(Words, OnlyThoseOfThreePiecesAndMore) {
  const std::vector<std::string> pieces = {"a</w>",   "z",     "e",        "bra</w>",
                                           "and</w>", "light", "house</w>"};
  EXPECT_THAT(split_words(pieces), ElementsAre(SplitWord{"zebra", {"z", "e", "bra"}}));
}

TEST(Words, AreWholeAgainWhereTheirPiecesAreBytes) {
  const std::vector<std::string> pieces = {"\\xE6", "\\x9C", "\\x88</w>"};
  ASSERT_EQ(split_words(pieces).size(), 1u);
  EXPECT_EQ(split_words(pieces)[0].word, "月");
}

TEST(Words, AreNamedOnce) {
  const SplitWord zebra{"zebra", {"z", "e", "bra"}};
  const auto found = word_findings({zebra, zebra});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].what, "CLIP's tokenizer reads in pieces: “zebra” (z·e·bra).");
  EXPECT_THAT(word_findings({}), IsEmpty());
}

TEST(Jumps, AreSpikesAboveTheMedian) {
  std::vector<float> change(60, 0.01f);
  change[0] = 0;
  change[20] = 0.2f;                // a single frame
  change[40] = change[41] = 0.15f;  // in and out
  const auto found = jumps(change);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].frame, 20);
  EXPECT_NEAR(found[0].times_median, 20, 0.01);
  EXPECT_EQ(found[1].frame, 40);
}

TEST(Jumps, CalmFilmsHaveNone) {
  EXPECT_THAT(jumps({}), IsEmpty());
  EXPECT_THAT(jumps(std::vector<float>(50, 0)), IsEmpty());
  std::vector<float> eased;  // standing, then a hill, then standing
  for (int i = 0; i < 100; ++i) {
    eased.push_back(i < 30 || i > 70 ? 0.0001f
                                     : 0.04f * std::sin(static_cast<float>(i - 30) * 0.0785f));
  }
  EXPECT_THAT(jumps(eased), IsEmpty());
  std::vector<float> moving(60, 0.01f);
  for (int i = 30; i < 50; ++i) moving[static_cast<std::size_t>(i)] = 0.2f;  // a lively stretch
  EXPECT_THAT(jumps(moving), IsEmpty());
}

// --- The film ------------------------------------------------------------------------------------

struct Film {
  scenes::Scene scene = scenes::parse_scene(R"(
[video]
fps = 8
[[keyframe]]
at = 0
prompt = "a heart"
[[keyframe]]
at = 1
prompt = "a star"
)",
                                            "test.toml");
  scenes::Timeline timeline{scene};
  std::vector<FilmText> texts = film_texts(scene);
  FilmMeasures measures{.frames = 9,
                        .change = std::vector<float>(9, 0.01f),
                        .sampled = {0, 4, 8},
                        .similarity = {{0.3, 0.25, 0.2}, {0.1, 0.2, 0.3}}};

  std::vector<Finding> findings() const { return film_findings(scene, timeline, texts, measures); }
};

TEST(FilmFindings, NothingToSayOfAGoodFilm) {
  EXPECT_THAT(Film().findings(), IsEmpty());
}

TEST(FilmFindings, AKeyframeThatLooksLikeAnother) {
  Film film;
  film.measures.similarity[1][2] = 0.15;
  const auto found = film.findings();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].what,
            "At its own time, 1.00 s, keyframe 1 looks to CLIP more like “a heart” (0.200) than "
            "like its own “a star” (0.150).");
}

TEST(FilmFindings, ATieIsNoMistake) {
  Film film;
  film.measures.similarity[1][2] = 0.1999;
  EXPECT_THAT(film.findings(), IsEmpty());
}

TEST(FilmFindings, AJumpAndWhatHelps) {
  Film film;
  film.measures.change[3] = 0.3f;
  auto found = film.findings();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].what, "The picture jumps at 0.38 s (frame 3, 30 times the median change).");
  film.scene.interpolate.pacing = scenes::Pacing::clock;
  EXPECT_THAT(film.findings()[0].try_, HasSubstr("pacing = \"even\""));
  EXPECT_THAT(film.findings()[0].try_, Not(HasSubstr("may be meant")));
  film.scene.picture.saturation = scenes::Curve{0.5};
  EXPECT_THAT(film.findings()[0].try_, HasSubstr("[picture] do is counted too, and may be meant"));
}

TEST(FilmFindings, AnotherScenesFilm) {
  Film film;
  film.measures.frames = 7;
  ASSERT_EQ(film.findings().size(), 1u);
  EXPECT_EQ(film.findings()[0].what, "The film has 7 frames, but the scene asks for 9.");
}

}  // namespace
}  // namespace latentreel::report
