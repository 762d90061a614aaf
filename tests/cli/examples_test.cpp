// Every scene of examples/ for which a model is at hand, in a shortened form.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ffmpeg/film_check.h"
#include "tests/cli/run.h"

namespace latentreel::cli {
namespace {

using testing::Folder;
using ::testing::HasSubstr;
using testing::run;

const std::string kExamples = LATENTREEL_SOURCE_DIR "/examples/";

// Renders the example small and short; gives the film.
ffmpeg::FilmInfo render(const std::string& name, const Folder& folder,
                        const std::vector<std::string>& more = {}) {
  std::vector<std::string> call = {"render", kExamples + name,
                                   "-o",     "film.mp4",
                                   "--set",  "video.size=64x64",
                                   "--set",  "video.output=64x64",
                                   "--set",  "optimize.iterations=2",
                                   "--set",  "optimize.cutouts=3",
                                   "--set",  "optimize.coarse_iterations=2"};
  for (const auto& key : more) call.insert(call.end(), {"--set", key});
  const auto result = run(call, folder.path());
  EXPECT_EQ(result.code, 0) << name << "\n" << result.error;
  return ffmpeg::inspect(folder / "film.mp4");
}

TEST(Examples, FirstLight) {
  const Folder folder;
  const auto film = render("first-light.toml", folder);
  EXPECT_GE(film.decoded, 48);
  EXPECT_EQ(film.title, "First light");
}

TEST(Examples, FromNothing) {
  const Folder folder;
  EXPECT_GE(render("from-nothing.toml", folder).decoded, 48);
}

TEST(Examples, Camera) {
  const Folder folder;
  EXPECT_EQ(render("camera.toml", folder).decoded, 16 * 24);
}

TEST(Examples, EndlessZoom) {
  const Folder folder;
  EXPECT_EQ(render("endless-zoom.toml", folder, {"feedback.iterations=1"}).decoded, 16 * 12);
}

// As long as its clip.
TEST(Examples, Meadow) {
  const Folder folder;
  EXPECT_EQ(render("meadow.toml", folder, {"feedback.iterations=1"}).decoded, 6 * 12);
}

TEST(Examples, Everything) {
  const Folder folder;
  const auto film = render("everything.toml", folder);
  EXPECT_EQ(film.fps, (ffmpeg::Ratio{30000, 1001}));
  ASSERT_TRUE(film.audio.has_value());
  EXPECT_EQ(film.audio->codec, "aac");
  EXPECT_NEAR(film.audio->seconds().value(), film.seconds.value(), 1001.0 / 30000);
}

// Its models are not at hand: the scene itself is right, and the error says how to fetch them.
TEST(Examples, OriginalWeightsNamesItsModels) {
  const Folder folder;
  const auto result =
      testing::run_in({.environment = {{"XDG_DATA_HOME", (folder / "data").string()}}},
                      {"render", kExamples + "original-weights.toml"}, folder.path());
  EXPECT_EQ(result.code, 66);
  EXPECT_THAT(result.error, HasSubstr("latentreel models fetch imagenet_f16_16384"));
}

}  // namespace
}  // namespace latentreel::cli
