#include "scenes/film_graphs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scenes/support.h"

namespace latentreel::scenes {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kFilm =
    "[video]\nfps = 2\n[[keyframe]]\nprompt = \"a\"\n[[keyframe]]\nat = 2\nprompt = \"b\"\n";

TEST(FilmGraphsTest, AreTheKeysThatChangeByTheirTables) {
  const auto scene = parse_scene(
      "[pulse]\namount = \"0.1 * frame\"\n[picture]\nbrightness = 1.2\n"
      "contrast = [[\"0s\", 1], [\"2s\", 2]]\n" +
          kFilm,
      "film.toml");
  const auto graphs = film_graphs(scene, Timeline(scene), {});
  ASSERT_EQ(graphs.size(), 2u);
  EXPECT_EQ(graphs[0].name, "pulse.amount");
  EXPECT_THAT(graphs[0].values, ElementsAre(0, 0.1, 0.2, 0.3, 0.4));
  EXPECT_EQ(graphs[1].name, "picture.contrast");
  EXPECT_THAT(graphs[1].values, ElementsAre(1, 1.25, 1.5, 1.75, 2));
  EXPECT_THAT(film_graphs(parse_scene(kFilm, "film.toml"), Timeline(scene), {}), IsEmpty());
}

TEST(FilmGraphsTest, BeginWithTheSignalsAsExpressionsReadThem) {
  const auto scene = parse_scene(kFilm, "film.toml");
  const Signals signals = {{"low", {.start = 0, .step = 1, .values = {0, 1, 0.5f}}}};
  const auto graphs = film_graphs(scene, Timeline(scene), signals);
  ASSERT_EQ(graphs.size(), 1u);
  EXPECT_EQ(graphs[0].name, "low");
  EXPECT_THAT(graphs[0].values, ElementsAre(0, 0.5, 1, 0.75, 0.5));
}

TEST(FilmGraphsTest, KeepTheirPeaksInFewerColumns) {
  const FilmGraph graph{.name = "kick", .values = {0, 0, 0.9, 0.1, 0, 0.3, 0}};
  EXPECT_THAT(peaks_of(graph, 3), ElementsAre(0, 0.9, 0.3));
  EXPECT_EQ(peaks_of(graph, 7), graph.values);
  EXPECT_EQ(peaks_of(graph, 99), graph.values);
}

TEST(FilmGraphsTest, AreScaledToWhatTheyHold) {
  EXPECT_EQ(scale_of({.name = "", .values = {0.2, 0.4}}), GraphScale());
  EXPECT_EQ(scale_of({.name = "", .values = {1, 3}}), (GraphScale{.low = 1, .high = 3}));
  const auto flat = scale_of({.name = "", .values = {3, 3}});
  EXPECT_EQ(flat.part(3), 1);
}

// At frame 0 this has no value, and the camera does not ask for one.
TEST(FilmGraphsTest, ReadMotionWhenTheCameraDoes) {
  const auto scene = parse_scene("[motion]\npan = [\"0.01 / t\", 0]\n" + kFilm, "film.toml");
  const auto graphs = film_graphs(scene, Timeline(scene), {});
  ASSERT_EQ(graphs.size(), 1u);
  EXPECT_EQ(graphs[0].name, "motion.pan[0]");
  EXPECT_NEAR(graphs[0].values[0], 0.01 * 240, 1e-6);
  EXPECT_NEAR(graphs[0].values[2], 0.01 / (1 + 1.0 / 240), 1e-6);
}

}  // namespace
}  // namespace latentreel::scenes
