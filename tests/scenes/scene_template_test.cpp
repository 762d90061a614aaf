#include "scenes/scene_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "scenes/scene_reader.h"
#include "scenes/timeline.h"
#include "tests/scenes/support.h"

namespace latentreel::scenes {
namespace {

class TemplateFiles : public FolderTest {};

TEST(SceneTemplateTest, IsAGoodScene) {
  const Scene scene = parse_scene(scene_template(), "new.toml");
  EXPECT_EQ(scene.title, "First light");
  EXPECT_EQ(scene.models.vqgan, "tiny");
  EXPECT_EQ(scene.keyframes.size(), 3u);
  EXPECT_EQ(Timeline(scene).frame_count(), 240);
}

TEST(SceneTemplateTest, StaysGoodWithItsCommentedKeysSwitchedOn) {
  std::string text = scene_template();
  for (const std::string key : {"quality", "extra", "exclude"}) {
    const auto at = text.find("# " + key + " = ");
    ASSERT_NE(at, std::string::npos) << key;
    text.erase(at, 2);
  }
  const Scene scene = parse_scene(text, "new.toml");
  EXPECT_EQ(scene.video.quality, 17);
  EXPECT_EQ(scene.keyframes[0].optimize.extra.size(), 1u);
  EXPECT_EQ(scene.keyframes[0].optimize.exclude.size(), 1u);
}

TEST(SceneTemplateTest, NamesItsSchemaInTheFirstLine) {
  const auto text = scene_template("My film", "file:///home/me/scene.schema.json");
  EXPECT_THAT(text, testing::StartsWith("#:schema file:///home/me/scene.schema.json\n# A scene"));
  EXPECT_EQ(parse_scene(text, "new.toml").title, "My film");
}

TEST(SceneTemplateTest, TakesATitle) {
  EXPECT_EQ(parse_scene(scene_template("My film"), "new.toml").title, "My film");
  for (const std::string title : {"", "a\"b", "a\nb", "a\\", "\xFF"}) {
    EXPECT_EQ(parse_scene(scene_template(title), "new.toml").title, "First light");
  }
}

TEST(SceneTemplateTest, AZoomIsAGoodScene) {
  const Scene scene = parse_scene(scene_template("Dive", {}, TemplateKind::zoom), "new.toml");
  EXPECT_EQ(scene.title, "Dive");
  EXPECT_TRUE(scene.feedback.on);
  EXPECT_FALSE(scene.motion == MotionOptions());
  EXPECT_TRUE(scene.notes.empty());
}

TEST_F(TemplateFiles, FootageIsAGoodScene) {
  write("my \"dance\".mp4", "a clip");
  const auto file =
      write("new.toml", footage_template("Dance", {}, "my \"dance\".mp4", 1920, 1080));
  const Scene scene = read_scene(file);
  EXPECT_EQ(scene.title, "Dance");
  EXPECT_EQ(scene.source.video.filename(), "my \"dance\".mp4");
  EXPECT_TRUE(scene.notes.empty());
  EXPECT_EQ(scene.video.width, 208);
  EXPECT_EQ(scene.video.height, 120);
  EXPECT_EQ(scene.video.output_width, 832);
  EXPECT_THAT(footage_template("Phone", {}, "phone.mp4", 1080, 1920),
              testing::HasSubstr("size = \"120x208\"          #"));
  EXPECT_THAT(footage_template("Line", {}, "line.mp4", 4000, 10),
              testing::HasSubstr("size = \"512x64\""));
  EXPECT_THROW(footage_template("Dance", {}, "two\nlines.mp4", 3, 2), std::invalid_argument);
}

}  // namespace
}  // namespace latentreel::scenes
