// Scenes that name the files which people have, as their makers' programs write them
// (tests/published/make_files.py): the program opens and renders them.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "ffmpeg/film_check.h"
#include "tests/cli/run.h"

namespace latentreel::cli {
namespace {

namespace fs = std::filesystem;
using testing::Folder;
using ::testing::HasSubstr;
using testing::run;

const fs::path kFiles = LATENTREEL_PUBLISHED_FILES;

// A VQGAN as Lightning saved it, and two CLIPs as OpenAI did, each looking at its own size.
std::string scene() {
  return fmt::format(R"(
[video]
size = "64x64"
fps = 4
[models]
vqgan = "{0}/vqgan/f16_16384/last.ckpt"
clip = ["{0}/every_word/ViT-B-32/model.pt", {{ name = "{0}/every_word/RN50/model.pt", weight = 0.5 }}]
[optimize]
iterations = 2
cutouts = 2
[interpolate]
pacing = "clock"
[[keyframe]]
at = "0s"
prompt = "a lighthouse on a cliff"
[[keyframe]]
at = "1s"
prompt = "a city under the sea"
)",
                     kFiles.string());
}

class PublishedModels : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(kFiles / ".complete")) {
      GTEST_SKIP() << "no files: cmake/test-python.sh fetches the Python that writes them";
    }
  }
  Folder folder_;
};

TEST_F(PublishedModels, RenderAFilm) {
  folder_.write("scene.toml", scene());
  const auto first = run({"render", "scene.toml", "-o", "first.mp4"}, folder_.path());
  ASSERT_EQ(first.code, 0) << first.error;
  EXPECT_EQ(ffmpeg::inspect(folder_ / "first.mp4").decoded, 5);
  const auto second = run({"render", "scene.toml", "-o", "second.mp4", "--force"}, folder_.path());
  ASSERT_EQ(second.code, 0) << second.error;
  EXPECT_EQ(testing::read_file(folder_ / "first.mp4"), testing::read_file(folder_ / "second.mp4"));
}

TEST_F(PublishedModels, ArePlanned) {
  folder_.write("scene.toml", scene());
  const auto plan = run({"plan", "scene.toml"}, folder_.path());
  ASSERT_EQ(plan.code, 0) << plan.error;
  EXPECT_THAT(plan.out, HasSubstr("looks at 64x64 pixels, at most 75 tokens per prompt"));
}

TEST_F(PublishedModels, ThatDisagreeWithTheirYamlAreRefused) {
  fs::copy(kFiles / "vqgan/gumbel_f8/model.yaml", folder_ / "last.yaml");
  fs::create_symlink(kFiles / "vqgan/f16_16384/last.ckpt", folder_ / "last.ckpt");
  folder_.write(
      "scene.toml",
      "[models]\nvqgan = \"last.ckpt\"\n[[keyframe]]\nat = \"0s\"\nprompt = \"a boat\"\n");
  const auto result = run({"plan", "scene.toml"}, folder_.path());
  EXPECT_EQ(result.code, 65);
  EXPECT_THAT(result.error, HasSubstr("last.yaml"));
  EXPECT_THAT(result.error, HasSubstr("ch_mult: [1, 1, 2, 4], by the tensors [1, 1, 2, 2, 4]"));
}

}  // namespace
}  // namespace latentreel::cli
