#include "scenes/preview.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "scenes/frame_script.h"
#include "tests/scenes/support.h"

namespace latentreel::scenes {
namespace {

Scene scene_of_size(const std::string& size, const std::string& more = "") {
  return parse_scene(with_keyframe("[video]\nsize = \"" + size + "\"\n" + more), "film.toml");
}

std::string preview_size(const std::string& size, const std::string& more = "") {
  const VideoOptions video = preview_of(scene_of_size(size, more)).video;
  return std::to_string(video.width) + "x" + std::to_string(video.height);
}

FrameScript captions_of(const std::string& text) {
  const Scene preview = preview_of(parse_scene(text, "film.toml"));
  return FrameScript(Timeline(preview), preview);
}

TEST(PreviewTest, HasAQuarterOfTheSides) {
  EXPECT_EQ(preview_size("512x512"), "128x128");
  EXPECT_EQ(preview_size("1920x1080"), "480x270");
  EXPECT_EQ(preview_size("1000x600"), "250x150");
}

TEST(PreviewTest, HasAtLeast64PixelsOfWhatTheFilmHas) {
  EXPECT_EQ(preview_size("256x256"), "64x64");
  EXPECT_EQ(preview_size("256x128"), "128x64");
  EXPECT_EQ(preview_size("128x72"), "114x64");
  EXPECT_EQ(preview_size("32x32"), "32x32");
}

TEST(PreviewTest, HasEvenSidesWhateverTheCodecOfTheFilm) {
  for (const int side : {64, 65, 67, 255, 259, 333, 1001}) {
    const std::string text = std::to_string(side);
    const auto video = preview_of(scene_of_size(text + "x" + text, "codec = \"ffv1\"\n")).video;
    EXPECT_EQ(video.width % 2, 0) << side;
    EXPECT_EQ(video.codec, Codec::h264);
    EXPECT_GE(video.height, 64) << side;
  }
}

TEST(PreviewTest, IsWhatWasGeneratedAndNotWhatIsDelivered) {
  const auto scene = scene_of_size("256x256", "output = \"1024x1024\"\n");
  const auto video = preview_of(scene).video;
  EXPECT_EQ(video.output_width, 0);
  EXPECT_EQ(video.output_height, 0);
  EXPECT_EQ(video.width, 64);
}

// What the camera sees depends on the film's shape.
TEST(PreviewTest, IsStretchedWhereTheFilmIs) {
  const auto scene = scene_of_size("256x256", "output = \"1920x1080\"\n");
  const auto video = preview_of(scene).video;
  EXPECT_EQ(video.width, 64);
  EXPECT_EQ(video.height, 64);
  EXPECT_EQ(video.output_width, 480);
  EXPECT_EQ(video.output_height, 270);
}

TEST(PreviewTest, HasATenthOfTheIterationsAndNoPassesBefore) {
  const auto scene = parse_scene(
      "[optimize]\niterations = 200\ncoarse = 2\nrestarts = 4\ncutouts = 32\n"
      "[[keyframe]]\nprompt = \"a\"\n"
      "[[keyframe]]\nat = 1\nprompt = \"b\"\niterations = 9\ncutouts = 3\n",
      "film.toml");
  const auto preview = preview_of(scene);
  const auto &first = preview.keyframes[0].optimize, &second = preview.keyframes[1].optimize;
  EXPECT_EQ(first.iterations, 20);
  EXPECT_EQ(first.cutouts, 16);
  EXPECT_EQ(first.coarse, 0);
  EXPECT_EQ(first.restarts, 1);
  EXPECT_EQ(second.iterations, 1);
  EXPECT_EQ(second.cutouts, 3);
  EXPECT_EQ(preview_text(scene, preview),
            "64x64 instead of 256x256 pixels, 1 to 20 instead of 9 to 200 iterations a keyframe");
}

TEST(PreviewTest, HasEveryFrameOfTheFilm) {
  const auto scene = parse_scene(
      "[video]\nfps = \"30000/1001\"\n[pulse]\namount = \"frame % 3 == 0 ? 0.5 : 0\"\n"
      "[picture]\nbrightness = [[0, 1], [2, 2]]\n"
      "[[keyframe]]\nprompt = \"a\"\n[[keyframe]]\nat = 2\nprompt = \"b\"\n",
      "film.toml");
  const auto preview = preview_of(scene);
  const FrameScript film(Timeline(scene), scene), small(Timeline(preview), preview);
  ASSERT_EQ(small.timeline().frame_count(), film.timeline().frame_count());
  for (int frame = 0; frame < film.timeline().frame_count(); ++frame) {
    FrameSpec spec = small.at(frame);
    EXPECT_FALSE(spec.caption.is_none());
    spec.caption = {};
    EXPECT_EQ(spec, film.at(frame)) << frame;
  }
  EXPECT_EQ(small.between(0, 0.5), film.between(0, 0.5)) << "pace is measured on bare pictures";
}

TEST(PreviewTest, CopiesNoSongThatItsContainerMayNotTake) {
  Scene scene = scene_of_size("256x256");
  for (const SongCodec codec : {SongCodec::automatic, SongCodec::alac, SongCodec::aac}) {
    scene.music.codec = codec;
    EXPECT_EQ(preview_of(scene).music.codec, codec);
  }
  scene.music.codec = SongCodec::copy;
  EXPECT_EQ(preview_of(scene).music.codec, SongCodec::automatic);
}

TEST(CaptionTest, NoSceneAsksForOneByItself) {
  const auto scene = parse_scene(with_keyframe(""), "film.toml");
  EXPECT_TRUE(FrameScript(Timeline(scene), scene).at(0).caption.is_none());
}

TEST(CaptionTest, SaysTheTimeWhereNoBeatsAreKnown) {
  const auto script =
      captions_of("[video]\nfps = 24\nduration = \"70s\"\n[[keyframe]]\nprompt = \"a\"\n");
  EXPECT_EQ(script.at(0).caption, (Caption{.where = "0:00.00", .prompt = "a"}));
  EXPECT_EQ(script.at(1).caption.where, "0:00.04");
  EXPECT_EQ(script.at(24 * 61 + 12).caption.where, "1:01.50");
}

TEST(CaptionTest, SaysThePromptOfTheKeyframeThatIsNearer) {
  const auto script = captions_of(
      "[video]\nfps = 10\n"
      "[[keyframe]]\nprompts = [\"a\", { text = \"fog\", weight = 0.5 }, { text = \"no\", weight = "
      "-1 }]\n"
      "[[keyframe]]\nat = 1\nprompts = [{ text = \"away\", weight = -1 }]\n");
  EXPECT_EQ(script.at(0).caption.prompt, "a + fog");
  EXPECT_EQ(script.at(4).caption.prompt, "a + fog");
  EXPECT_EQ(script.at(5).caption.prompt, "away");
  EXPECT_EQ(script.at(10).caption.prompt, "away");
}

// A flash begins on the frame in whose first half, or before it, the beat sounds.
TEST(CaptionTest, FlashesOnTheFramesOfBeats) {
  for (const char* fps : {"24000/1001", "24", "25", "30", "60"}) {
    const auto text = std::string("[video]\nduration = \"20s\"\nfps = \"") + fps +
                      "\"\n[music]\nbpm = 128\noffset = 0.37\n[[keyframe]]\nprompt = \"a\"\n";
    const auto preview = preview_of(parse_scene(text, "film.toml"));
    const FrameScript script(Timeline(preview), preview);
    const auto tempo = TempoMap::even({128, 1}, {37, 100});
    std::vector<double> flash(static_cast<std::size_t>(script.timeline().frame_count()) + 2, 0);
    for (int beat = 1; beat <= 45; ++beat) {
      const auto half_frame = time_of_frame(1, preview.video.fps) / RationalTime(2, 1);
      const auto frame =
          frames_to_cover(tempo.time_of_beat({beat, 1}) - half_frame, preview.video.fps);
      if (frame >= script.timeline().frame_count()) break;
      flash[static_cast<std::size_t>(frame)] = 1;
      flash[static_cast<std::size_t>(frame) + 1] = 0.5;
    }
    for (std::int64_t frame = 9; frame < script.timeline().frame_count(); ++frame) {
      EXPECT_EQ(script.at(frame).caption.flash, flash[static_cast<std::size_t>(frame)])
          << fps << ", frame " << frame;
    }
  }
}

TEST(CaptionTest, FlashesWhereCurvesSeeABeatBegin) {
  const auto script = captions_of(
      "[video]\nfps = \"24000/1001\"\nduration = \"20s\"\n[music]\nbpm = 87.5\noffset = 0.2\n"
      "[picture]\nbrightness = \"1 + beat_phase\"\n[[keyframe]]\nprompt = \"a\"\n");
  double before = 1;
  for (std::int64_t frame = 1; frame < script.timeline().frame_count(); ++frame) {
    const FrameSpec spec = script.at(frame);
    if (frame > 1) {
      EXPECT_EQ(spec.caption.flash == 1, spec.grade.brightness < before) << frame;
    }
    before = spec.grade.brightness;
  }
}

TEST(CaptionTest, CountsTheBarsOfTheSongFromWhereItBegins) {
  const auto script = captions_of(
      "[video]\nfps = 10\nduration = \"4s\"\n"
      "[music]\nbpm = 60\nbeats_per_bar = 3\nfile = \"/dev/null\"\nfrom = \"bar 2 beat 2\"\n"
      "[[keyframe]]\nprompt = \"a\"\n");
  EXPECT_EQ(script.at(0).caption.where, "2:2");
  EXPECT_EQ(script.at(0).caption.flash, 1);
  EXPECT_EQ(script.at(1).caption.flash, 0.5);
  EXPECT_EQ(script.at(2).caption.flash, 0);
  EXPECT_EQ(script.at(9).caption.where, "2:2");
  EXPECT_EQ(script.at(10).caption.where, "2:3");
  EXPECT_EQ(script.at(20).caption.where, "3:1");
}

TEST(CaptionTest, BeatsThatCannotBeCountedAreAMistakeOfTheScene) {
  Scene scene = preview_of(
      parse_scene("[video]\nduration = \"1s\"\n[music]\nbpm = 120\n[[keyframe]]\nprompt = \"a\"\n",
                  "film.toml"));
  scene.music.map.reset();
  scene.music.bpm = RationalTime(1'000'000'000'000'000'003, 999'999'999'999'999'989);
  scene.video.fps = {999'983, 999'979};
  EXPECT_THROW(FrameScript(Timeline(scene), scene), SceneError);
}

TEST(PreviewTest, FramesOfAChainTakeFewSteps) {
  const auto scene = parse_scene(with_keyframe("[feedback]\niterations = 30"), "film.toml");
  const auto preview = preview_of(scene);
  EXPECT_EQ(preview.feedback.iterations, 3);
  EXPECT_THAT(preview_text(scene, preview),
              testing::HasSubstr("a keyframe, 3 instead of 30 a frame"));
  const auto still = parse_scene(with_keyframe("[feedback]\niterations = 0"), "film.toml");
  EXPECT_EQ(preview_of(still).feedback.iterations, 0) << "it is asked for that nothing is learned";
}

}  // namespace
}  // namespace latentreel::scenes
