#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/run.h"
#include "tests/music/tracks.h"

namespace latentreel::cli {
namespace {

using testing::Folder;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::run;

const std::string kMusicVideo = R"([video]
size = "64x64"
fps = 8
[music]
file = "song.wav"
beats = "beats.txt"
[pulse]
amount = "0.5 * low"
[optimize]
iterations = 2
cutouts = 2
[[keyframe]]
at = "0s"
prompt = "a red heart"
[[keyframe]]
at = "beat 6"
prompt = "a yellow star"
)";

void write_music_video(const Folder& folder) {
  music::house(120, 0, 4).track.write(folder / "song.wav");
  folder.write("beats.txt", "0\n0.5\n1\n1.5\n2\n2.5\n3\n3.5\n");
  folder.write("scene.toml", kMusicVideo);
}

TEST(MusicVideo, ASongMayEndBeforeThePartThatIsAskedFor) {
  const Folder folder;
  write_music_video(folder);
  const auto plan = run({"plan", "scene.toml", "--set", "music.to=90s"}, folder.path());
  EXPECT_EQ(plan.code, 0) << plan.error;
  EXPECT_THAT(plan.error,
              HasSubstr("the song ends at 4.00 s, before the end of its part at 90.00"));
}

TEST(MusicVideo, PlanDrawsEverySignalAndTheKeysThatChange) {
  const Folder folder;
  write_music_video(folder);
  EXPECT_THAT(run({"plan", "scene.toml"}, folder.path()).out, Not(HasSubstr("signals")));
  const auto plan = run({"plan", "scene.toml", "--signals"}, folder.path());
  EXPECT_EQ(plan.code, 0) << plan.error;
  // 4 s at 8 frames a second.
  EXPECT_THAT(plan.out, HasSubstr("  signals   a column every 0.125 s, with its highest value\n"));
  for (const char* name : {"rms", "low", "mid", "high", "onsets", "percussive", "harmonic"}) {
    EXPECT_THAT(plan.out, HasSubstr(std::string("\n    ") + name + " "));
  }
  EXPECT_THAT(plan.out, HasSubstr("\n    pulse.amount "));
  // The loudest of a signal is its 1, and half of it what the pulse reads.
  EXPECT_THAT(plan.out, HasSubstr("█"));
}

TEST(MusicVideo, APlanIsNoLongerOfASongWhoseBeatsWereMoved) {
  const Folder folder;
  write_music_video(folder);
  ASSERT_EQ(run({"plan", "scene.toml", "-o", "plan.json"}, folder.path()).code, 0);
  folder.write("beats.txt", "0\n0.5\n1\n1.5\n2\n2.5\n3\n3.6\n");
  const auto task = run({"task", "plan.json", "key:0"}, folder.path());
  EXPECT_EQ(task.code, 65);
  EXPECT_THAT(task.error, HasSubstr("the song or what belongs to it was changed"));
}

}  // namespace
}  // namespace latentreel::cli
