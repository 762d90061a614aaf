#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/cli/run.h"
#include "tests/music/tracks.h"

namespace latentreel::cli {
namespace {

using testing::Folder;
using ::testing::HasSubstr;
using testing::read_file;
using testing::run;
using ::testing::StartsWith;

TEST(Analyze, WritesLabelsAPageAndTheLinesOfAScene) {
  const Folder folder;
  music::house(128, 0.37, 20).track.write(folder / "song.wav");
  const auto result = run({"analyze", "song.wav", "--page"}, folder.path());
  ASSERT_EQ(result.code, 0) << result.error;
  EXPECT_THAT(result.out, HasSubstr("[music]\nfile = \"song.wav\"\nbpm = 128\noffset = 0.3"));
  EXPECT_THAT(read_file(folder / "song.beats.txt"), HasSubstr("\t1.1\n"));
  EXPECT_THAT(read_file(folder / "song.beats.html"), StartsWith("<!DOCTYPE html>"));
}

TEST(Analyze, ReplacesLabelsOnlyWhenTold) {
  const Folder folder;
  music::house(128, 0.37, 10).track.write(folder / "song.wav");
  folder.write("mine.txt", "0.1\t0.1\tcorrected\n");
  const auto refused = run({"analyze", "song.wav", "-o", "mine.txt"}, folder.path());
  EXPECT_EQ(refused.code, 73);
  EXPECT_THAT(refused.error, HasSubstr("--force"));
  EXPECT_EQ(read_file(folder / "mine.txt"), "0.1\t0.1\tcorrected\n");
  const auto told = run({"analyze", "song.wav", "-o", "mine.txt", "--force"}, folder.path());
  EXPECT_EQ(told.code, 0) << told.error;
  EXPECT_THAT(read_file(folder / "mine.txt"), HasSubstr("\t1.1\n"));
}

TEST(Analyze, SaysWhatIsWrong) {
  const Folder folder;
  folder.write("noise.wav", "no song");
  EXPECT_EQ(run({"analyze", "none.wav"}, folder.path()).code, 66);
  EXPECT_EQ(run({"analyze", "noise.wav"}, folder.path()).code, 65);
  EXPECT_EQ(run({"analyze", "noise.wav", "--half", "--double"}, folder.path()).code, 64);
  EXPECT_FALSE(std::filesystem::exists(folder / "noise.beats.txt"));
  EXPECT_EQ(folder.unfinished(), 0);
}

}  // namespace
}  // namespace latentreel::cli
