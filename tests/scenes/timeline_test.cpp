#include "scenes/timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "scenes/scene_error.h"
#include "tests/scenes/support.h"

namespace latentreel::scenes {
namespace {

using testing::ElementsAre;

Scene scene_of(const std::string& head, const std::vector<std::string>& keyframes) {
  std::string text = head + "\n";
  for (const std::string& lines : keyframes)
    text += "[[keyframe]]\nprompt = \"a\"\n" + lines + "\n";
  return parse_scene(text, "film.toml");
}

TEST(TimelineTest, StandsMovesAndStandsAgain) {
  const Timeline timeline(
      scene_of("[video]\nduration = \"12s\"", {"at = 1", "at = 4\nhold = \"1s\"", "at = 8"}));
  EXPECT_EQ(timeline.frame_count(), 288);
  EXPECT_EQ(timeline.duration(), RationalTime(12, 1));
  EXPECT_THAT(timeline.keyframe_frames(), ElementsAre(24, 96, 192));
  EXPECT_THAT(timeline.hold_ends(), ElementsAre(24, 120, 192));
  EXPECT_THAT(timeline.intervals(), ElementsAre(Interval{0, 1, 24, 96}, Interval{1, 2, 120, 192}));
  EXPECT_EQ(timeline.at(0), (FramePosition{0, 0, 0.0}));
  EXPECT_EQ(timeline.at(24), (FramePosition{0, 0, 0.0}));
  EXPECT_EQ(timeline.at(25), (FramePosition{0, 1, 1.0 / 72}));
  EXPECT_EQ(timeline.at(60), (FramePosition{0, 1, 0.5}));
  EXPECT_EQ(timeline.at(95), (FramePosition{0, 1, 71.0 / 72}));
  EXPECT_EQ(timeline.at(96), (FramePosition{1, 1, 0.0}));
  EXPECT_EQ(timeline.at(120), (FramePosition{1, 1, 0.0}));
  EXPECT_EQ(timeline.at(121), (FramePosition{1, 2, 1.0 / 72}));
  EXPECT_EQ(timeline.at(192), (FramePosition{2, 2, 0.0}));
  EXPECT_EQ(timeline.at(287), (FramePosition{2, 2, 0.0}));
  EXPECT_EQ(timeline.at(-5), timeline.at(0));
  EXPECT_EQ(timeline.at(9999), timeline.at(287));
  EXPECT_EQ(timeline.interval_at(24), std::nullopt);
  EXPECT_EQ(timeline.interval_at(25), 0u);
  EXPECT_EQ(timeline.interval_at(100), std::nullopt);
  EXPECT_EQ(timeline.interval_at(121), 1u);
  EXPECT_EQ(timeline.interval_at(192), std::nullopt);
}

TEST(TimelineTest, LastsForTheLastKeyframeItsHoldAndOneFrame) {
  EXPECT_EQ(Timeline(scene_of("", {""})).frame_count(), 1);
  EXPECT_EQ(Timeline(scene_of("", {"", "at = 4"})).frame_count(), 97);
  EXPECT_EQ(Timeline(scene_of("", {"", "at = 4\nhold = 1"})).frame_count(), 121);
}

class TimelineSongTest : public FolderTest {
 protected:
  Scene scene(const std::string& music, const std::string& video = "") {
    write("song.wav", "");
    return parse_scene(video + "\n[music]\nfile = \"song.wav\"\n" + music +
                           "\n[[keyframe]]\nprompt = \"a\"\n[[keyframe]]\nat = 4\nprompt = \"b\"\n",
                       folder_ / "film.toml");
  }
};

TEST_F(TimelineSongTest, LastsForTheSong) {
  EXPECT_EQ(Timeline(scene(""), RationalTime(1001, 100)).frame_count(), 241);
  EXPECT_EQ(Timeline(scene(""), RationalTime(10, 1)).frame_count(), 240);
  EXPECT_EQ(Timeline(scene("from = 2")).frame_count(), 97);  // not known
  EXPECT_EQ(Timeline(scene("from = 2"), RationalTime(10, 1)).frame_count(), 192);
  EXPECT_EQ(Timeline(scene("from = 2\nto = 9"), RationalTime(10, 1)).frame_count(), 168);
  EXPECT_EQ(Timeline(scene("from = 2\nto = 9")).frame_count(), 168);
  EXPECT_EQ(Timeline(scene("to = 90"), RationalTime(10, 1)).frame_count(), 240);
  EXPECT_EQ(Timeline(scene("", "[video]\nduration = 5"), RationalTime(10, 1)).frame_count(), 120);
}

TEST_F(TimelineSongTest, RefusesASongThatEndsTooSoon) {
  const auto error_of = [&](const Scene& s, RationalTime duration) {
    try {
      const Timeline timeline(s, duration);
      return std::string();
    } catch (const SceneError& error) {
      return std::string(error.what());
    }
  };
  const std::string file = (folder_ / "film.toml").string();
  EXPECT_EQ(error_of(scene(""), {3, 1}),
            file +
                ":7: the keyframe at 4 s is after the film's end at 3 s, the film ends with its "
                "song; set duration in [video] for a longer one");
  EXPECT_EQ(error_of(scene("from = 20"), {10, 1}),
            file +
                ": the song lasts 10 s, but the part to use begins at 20 s, set an earlier from in "
                "[music]");
  EXPECT_EQ(error_of(scene("", "[interpolate]\nloop = true"), {4, 1}),
            file +
                ":8: no time is left for the loop's way back to the first keyframe, set a longer "
                "duration in [video]");
}

TEST(TimelineTest, LoopsBackToTheFirstKeyframe) {
  const Timeline timeline(scene_of("[video]\nduration = \"10s\"\n[interpolate]\nloop = true",
                                   {"", "at = 4\nhold = 2"}));
  EXPECT_THAT(timeline.intervals(), ElementsAre(Interval{0, 1, 0, 96}, Interval{1, 0, 144, 240}));
  EXPECT_EQ(timeline.at(144), (FramePosition{1, 1, 0.0}));
  EXPECT_EQ(timeline.at(145), (FramePosition{1, 0, 1.0 / 96}));
  EXPECT_EQ(timeline.at(239), (FramePosition{1, 0, 95.0 / 96}));
  const Timeline alone(scene_of("[video]\nduration = \"10s\"\n[interpolate]\nloop = true", {""}));
  EXPECT_TRUE(alone.intervals().empty());
  EXPECT_EQ(alone.at(239), (FramePosition{0, 0, 0.0}));
}

TEST(TimelineTest, HoldsThroughTheFramesWhoseTimeLiesWithin) {
  const FrameRate fps{24, 1};
  Keyframe keyframe;
  keyframe.at = RationalTime(1, 1);
  EXPECT_EQ(last_held_frame(keyframe, fps), 24);
  keyframe.hold = RationalTime(1, 24);
  EXPECT_EQ(last_held_frame(keyframe, fps), 25);
  keyframe.hold = RationalTime(1, 25);
  EXPECT_EQ(last_held_frame(keyframe, fps), 24);
  keyframe.hold = RationalTime();
  keyframe.at = RationalTime(247, 240);  // frame 24.7 sits on 25
  EXPECT_EQ(last_held_frame(keyframe, fps), 25);
}

TEST(TimelineTest, AFilmMayEndJustBeforeItWouldArrive) {
  const Timeline timeline(scene_of("[video]\nduration = 4", {"", "at = 4"}));
  EXPECT_EQ(timeline.frame_count(), 96);
  EXPECT_EQ(timeline.at(95), (FramePosition{0, 1, 95.0 / 96}));
}

TEST(TimelineTest, IsMonotoneAndExactAtEveryFrameOfEveryFilm) {
  for (const std::string fps : {"24", "\"30000/1001\"", "\"24000/1001\"", "60", "1", "\"25/2\""}) {
    for (const std::string loop : {"false", "true"}) {
      const Scene scene =
          scene_of("[video]\nfps = " + fps + "\nduration = 61.7\n[interpolate]\nloop = " + loop +
                       "\n[music]\nbpm = 118.765\noffset = 0.37",
                   {"at = \"beat 3\"", "at = \"beat 10\"\nhold = 1.1", "at = \"bar 9\"",
                    "at = \"bar 12 beat 2.5\"\nhold = \"0.9s\"", "at = 50\nhold = 2"});
      const Timeline timeline(scene);
      SCOPED_TRACE(fps + loop);
      for (std::size_t k = 0; k < scene.keyframes.size(); ++k) {
        const std::int64_t frame = timeline.keyframe_frames()[k];
        const RationalTime error = time_of_frame(frame, timeline.fps()) - scene.keyframes[k].at;
        const RationalTime half(timeline.fps().denominator, 2 * timeline.fps().numerator);
        EXPECT_LE(error, half);
        EXPECT_GE(error, RationalTime() - half);
        const int index = static_cast<int>(k);
        EXPECT_EQ(timeline.at(frame), (FramePosition{index, index, 0.0}));
        EXPECT_EQ(timeline.at(timeline.hold_ends()[k]), (FramePosition{index, index, 0.0}));
      }
      FramePosition before = timeline.at(0);
      EXPECT_EQ(before, (FramePosition{0, 0, 0.0}));
      for (std::int64_t frame = 1; frame < timeline.frame_count(); ++frame) {
        const FramePosition now = timeline.at(frame);
        EXPECT_GE(now.amount, 0.0);
        EXPECT_LT(now.amount, 1.0);
        EXPECT_EQ(now.amount == 0.0, now.from == now.to);
        EXPECT_GE(now.from + now.amount, before.from + before.amount);
        EXPECT_EQ(timeline.interval_at(frame).has_value(), now.amount > 0.0);
        before = now;
      }
      EXPECT_EQ(before.from, 4);
      EXPECT_EQ(before.amount > 0.5, loop == "true");
    }
  }
}

TEST(SegmentsTest, AreWholeGroupsOfTwoSeconds) {
  EXPECT_EQ(gop_frames({24, 1}), 48);
  EXPECT_EQ(gop_frames({30000, 1001}), 60);
  EXPECT_EQ(gop_frames({24000, 1001}), 48);
  EXPECT_EQ(gop_frames({1, 1}), 2);
  EXPECT_EQ(gop_frames({25, 2}), 25);
  EXPECT_THAT(segments(288, {24, 1}),
              ElementsAre(FrameRange{0, 96}, FrameRange{96, 192}, FrameRange{192, 288}));
  EXPECT_THAT(segments(97, {24, 1}), ElementsAre(FrameRange{0, 96}, FrameRange{96, 97}));
  EXPECT_THAT(segments(97, {24, 1}, 1),
              ElementsAre(FrameRange{0, 48}, FrameRange{48, 96}, FrameRange{96, 97}));
  EXPECT_THAT(segments(0, {24, 1}), ElementsAre());
  for (std::int64_t count = 1; count < 500; ++count) {
    std::int64_t next = 0;
    for (const FrameRange& range : segments(count, {30, 1})) {
      EXPECT_EQ(range.first, next);
      EXPECT_EQ(range.first % 120, 0);
      EXPECT_GT(range.size(), 0);
      next = range.end;
    }
    EXPECT_EQ(next, count);
  }
}

}  // namespace
}  // namespace latentreel::scenes
