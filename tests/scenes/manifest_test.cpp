#include "scenes/manifest.h"

#include <gmock/gmock.h>

#include "tests/scenes/support.h"
#include "tests/variable.h"

namespace latentreel::scenes {
namespace {

using ::testing::HasSubstr;

class Manifests : public FolderTest {
 protected:
  std::string mistakes(const std::string& text) {
    const auto file = write("album.toml", text);
    try {
      read_manifest(file);
    } catch (const SceneError& error) {
      return error.what();
    }
    return "none";
  }
};

TEST_F(Manifests, ListFilmsWithTheirSettings) {
  write("a.toml", "");
  write("b.toml", "");
  const auto file = write("album.toml", R"([shared]
video.fps = 24
optimize = { iterations = 150, extra = ["oil \"paint\"", "soft"] }
[[film]]
scene = "a.toml"
[[film]]
scene = "b.toml"
output = "02.mp4"
set.optimize.seed = 7
set.title = "50"
)");
  EXPECT_TRUE(is_manifest(file));
  const auto films = read_manifest(file);
  ASSERT_EQ(films.size(), 2u);
  EXPECT_EQ(films[0].scene, folder_ / "a.toml");
  EXPECT_EQ(films[0].output, "");
  ASSERT_EQ(films[0].overrides.size(), 3u);
  EXPECT_EQ(films[0].overrides[2].key, "video.fps");
  EXPECT_EQ(films[0].overrides[2].value, "24");
  EXPECT_EQ(films[0].overrides[0].key, "optimize.extra");
  EXPECT_EQ(films[0].overrides[0].value, R"(["oil \"paint\"", "soft"])");
  EXPECT_EQ(films[1].output, "02.mp4");
  ASSERT_EQ(films[1].overrides.size(), 5u);
  EXPECT_EQ(films[1].overrides[3].key, "optimize.seed");
  EXPECT_EQ(films[1].overrides[4].value, "\"50\"");  // a text stays one
}

TEST_F(Manifests, MayNameScenesBelowTheHomeFolder) {
  const Variable home("HOME", (folder_ / "home").string());
  write("home/a.toml", "");
  const auto films = read_manifest(write("album.toml", "[[film]]\nscene = \"~/a.toml\"\n"));
  ASSERT_EQ(films.size(), 1u);
  EXPECT_EQ(films[0].scene, folder_ / "home/a.toml");
}

TEST_F(Manifests, AreToldFromScenes) {
  EXPECT_FALSE(is_manifest(write("scene.toml", "[[keyframe]]\nat = 0\nprompt = \"a\"\n")));
  EXPECT_FALSE(is_manifest(folder_ / "none.toml"));
  EXPECT_FALSE(is_manifest(write("broken.toml", "[[film")));
}

TEST_F(Manifests, SayEverythingThatIsWrongAtOnce) {
  write("a.toml", "");
  const auto text = mistakes(
      "[[film]]\nscene = \"none.toml\"\noutput = \"x.mp4\"\n"
      "[[film]]\nscen = \"a.toml\"\n"
      "[[film]]\noutput = \"x.mp4\"\nset = 3\n"
      "[[film]]\nscene = 4\n");
  EXPECT_THAT(text, HasSubstr("album.toml:2:9: scene: there is no file"));
  EXPECT_THAT(text, HasSubstr("did you mean \"scene\"?"));
  EXPECT_THAT(text, HasSubstr("[[film]] needs a scene"));
  EXPECT_THAT(text, HasSubstr("output: two films are called x.mp4"));
  EXPECT_THAT(text, HasSubstr("set: expected keys of a scene"));
  EXPECT_THAT(text, HasSubstr("album.toml:10:9: scene: expected a string"));
  EXPECT_THAT(mistakes("[shared]\n"), HasSubstr("a manifest needs [[film]]"));
  EXPECT_THAT(mistakes("film = []\n"), HasSubstr("a manifest needs [[film]]"));
  EXPECT_THAT(mistakes("film = [1]\n"), HasSubstr("film: expected a table"));
}

}  // namespace
}  // namespace latentreel::scenes
