#include "scenes/curve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "scenes/curve_evaluator.h"
#include "scenes/scene_text.h"
#include "scenes/section_rows.h"
#include "scenes/time_text.h"
#include "tests/scenes/support.h"

namespace latentreel::scenes {
namespace {

RationalTime at_seconds(std::int64_t numerator, std::int64_t denominator = 1) {
  return RationalTime(numerator, denominator);
}

TEST(CurveTest, IsExactOnPointsAndStaysOutside) {
  const CurvePoints points = {{at_seconds(1, 3), 0.1},
                              {at_seconds(4, 3), 0.7, Easing::ease_in},
                              {at_seconds(2), 0.3, Easing::smoothstep}};
  EXPECT_EQ(value_at(points, at_seconds(0)), 0.1);
  for (const CurvePoint& point : points) EXPECT_EQ(value_at(points, point.at), point.value);
  EXPECT_EQ(value_at(points, at_seconds(99)), 0.3);
}

TEST(CurveTest, EasesTowardsThePointThatSaysHow) {
  const CurvePoints points = {{at_seconds(0), 1, Easing::ease_out},
                              {at_seconds(4), 3, Easing::ease_in},
                              {at_seconds(8), 5}};
  EXPECT_DOUBLE_EQ(value_at(points, at_seconds(2)), 1 + 2 * ease(Easing::ease_in, 0.5));
  EXPECT_DOUBLE_EQ(value_at(points, at_seconds(6)), 4);
}

TEST(CurveTest, IsWrittenAsItIsRead) {
  EXPECT_EQ(toml(Curve{1.5}), "1.5");
  EXPECT_EQ(toml(Curve{CurvePoints{{at_seconds(0), 1}, {at_seconds(4), 1.4, Easing::ease_in}}}),
            "[[\"0s\", 1], [\"4s\", 1.4, \"ease-in\"]]");
  EXPECT_EQ(toml(Curve{std::string("1 + kick")}), "\"1 + kick\"");
}

// --- In scenes -----------------------------------------------------------------------------------

// With a tempo of 120 beats a minute and, where `song`, a song.
std::string scene_with(const std::string& lines, bool song = true) {
  return with_keyframe("[music]\nbpm = 120\n" + std::string(song ? "file = \"song.flac\"\n" : "") +
                       "from = \"bar 3\"\n" + lines);
}

class CurveSceneTest : public FolderTest {
 protected:
  Scene read(const std::string& text) {
    write("song.flac", "");
    return parse_scene(text, folder_ / "film.toml");
  }
};

TEST_F(CurveSceneTest, EveryFormReadsBackFromTheScenesText) {
  const Scene scene = read(scene_with(
      "[interpolate]\nspeed = [[\"bar 3\", 1.0], [\"bar 5\", 1.4, \"ease-in\"], [7, 0]]\n"
      "[pulse]\namount = \"0.3 * kick * (beat_phase < 0.5)\"\ntowards = 0\nseed = 7\n"
      "[picture]\nbrightness = 1.25\ncontrast = '1 + low'\nsaturation = \"t\"\n"
      "[signals]\nkick = { source = \"band\", band = [40, 120], release = \"0.15s\", "
      "attack = 0.01, clip = 0.9, gain = 2, power = 1.5 }\n"
      "snap = { source = \"percussive\" }\n"));
  const auto& points = std::get<CurvePoints>(scene.interpolate.speed.form);
  ASSERT_EQ(points.size(), 3u);
  EXPECT_EQ(points[0], (CurvePoint{at_seconds(0), 1.0}));
  EXPECT_EQ(points[1], (CurvePoint{at_seconds(4), 1.4, Easing::ease_in}));
  EXPECT_EQ(scene.pulse.towards, PulseTarget::keyframe);
  ASSERT_EQ(scene.signals.size(), 2u);
  EXPECT_EQ(scene.signals[0], (SignalOptions{.name = "kick",
                                             .source = SignalSource::band,
                                             .band_from = 40,
                                             .band_to = 120,
                                             .attack = 0.01,
                                             .release = 0.15,
                                             .clip = 0.9,
                                             .gain = 2,
                                             .power = 1.5}));
  const std::string text = scene_text(scene);
  const Scene again = read(text);
  EXPECT_EQ(again.interpolate.speed, scene.interpolate.speed);
  EXPECT_EQ(again.pulse.amount, scene.pulse.amount);
  EXPECT_EQ(again.pulse.towards, scene.pulse.towards);
  EXPECT_EQ(again.pulse.keyframe, scene.pulse.keyframe);
  EXPECT_EQ(again.pulse.seed, scene.pulse.seed);
  EXPECT_EQ(again.picture.brightness, scene.picture.brightness);
  EXPECT_EQ(again.picture.contrast, scene.picture.contrast);
  EXPECT_EQ(again.picture.saturation, scene.picture.saturation);
  EXPECT_EQ(again.signals, scene.signals);
  EXPECT_EQ(scene_text(again), text);
}

TEST_F(CurveSceneTest, OverridesSetCurvesAndSignals) {
  write("song.flac", "");
  const Scene scene = parse_scene(scene_with(""), folder_ / "film.toml",
                                  {{"picture.brightness", "1 + kick"},
                                   {"pulse.amount", "0.5"},
                                   {"pulse.towards", "next"},
                                   {"interpolate.speed", "[[0, 1], [2, 3]]"},
                                   {"motion.zoom", "t < 5 ? 1 : 2"},
                                   {"motion.pan", "[0.1, \"t\"]"},
                                   {"signals.kick", "{ source = \"band\", band = [40, 120] }"}});
  EXPECT_EQ(scene.picture.brightness, Curve{std::string("1 + kick")});
  EXPECT_EQ(scene.pulse.amount, Curve{0.5});
  EXPECT_EQ(scene.motion.zoom, Curve{std::string("t < 5 ? 1 : 2")});
  EXPECT_EQ(scene.motion.pan_x, Curve{0.1});
  EXPECT_EQ(scene.motion.pan_y, Curve{std::string("t")});
  EXPECT_EQ(std::get<CurvePoints>(scene.interpolate.speed.form).size(), 2u);
}

TEST_F(CurveSceneTest, SignalsUsedAreThoseThatCurvesRead) {
  const auto used = [&](const std::string& lines) {
    std::string names;
    for (const auto& signal : signals_used(read(scene_with(lines)))) names += signal.name + " ";
    return names;
  };
  EXPECT_EQ(used("[signals]\nkick = { source = \"onsets\" }"), "");
  EXPECT_EQ(used("[picture]\nbrightness = \"1 + t\"\ncontrast = \"high * low + low\""),
            "low high ");
  EXPECT_EQ(used("[motion]\nzoom = \"1 + mid\"\npan = [0.1, \"rms\"]"), "rms mid ");
  const std::string own = "[signals]\nlow = { source = \"band\", band = [30, 60] }\n";
  EXPECT_EQ(used(own + "[pulse]\namount = \"low + rms\""), "low rms ");
  EXPECT_EQ(signals_used(read(scene_with(own + "[pulse]\namount = \"low\""))).at(0).band_to, 60)
      << "a scene's own takes the place of a default one";
}

// --- Frame by frame ------------------------------------------------------------------------------

FrameValues brightness_of(const Scene& scene, const Signals& signals = {}) {
  const Timeline timeline(scene, at_seconds(1000));
  return CurveEvaluator(timeline, scene, signals)
      .values("brightness", picture_rows(), scene.picture);
}

std::string complaint_of(const Scene& scene, const Signals& signals = {}) {
  try {
    brightness_of(scene, signals);
    return {};
  } catch (const SceneError& error) {
    return error.what();
  }
}

TEST_F(CurveSceneTest, ValuesAreRoundedAndClampedToTheKeysRange) {
  const auto scene = read(
      scene_with("[video]\nfps = 10\nduration = 5\n[picture]\nbrightness = \"t * 3 - 1 + 1e-8\""));
  const auto values = brightness_of(scene);
  EXPECT_EQ(values.size(), 50);
  EXPECT_EQ(values.at(0), 0) << "below 0";
  EXPECT_EQ(values.at(10), 2);
  EXPECT_EQ(values.at(49), 10) << "above 10";
}

TEST_F(CurveSceneTest, AFrameWithoutANumberIsTold) {
  const auto scene = read(
      scene_with("[video]\nfps = 10\nduration = 5\n[picture]\nbrightness = \"1 / (frame - 12)\""));
  EXPECT_EQ(complaint_of(scene),
            scene.file.string() +
                ": brightness: \"1 / (frame - 12)\" is inf at frame 12 (1.2 s), "
                "look at what it divides by there, and at its powers");
}

TEST_F(CurveSceneTest, ReadsSignalsAtTheSongsTime) {
  const auto scene = read(scene_with(
      "[video]\nfps = 10\nduration = 5\n[picture]\nbrightness = \"kick\"\n[signals]\nkick = { "
      "source = \"onsets\" }"));
  // The film begins with the song's fourth second.
  const Signals signals = {{"kick", {.start = 0, .step = 1, .values = {0, 0, 0, 0, 1, 0.5}}}};
  const auto values = brightness_of(scene, signals);
  EXPECT_EQ(values.at(0), 1);
  EXPECT_EQ(values.at(5), 0.75);
  EXPECT_EQ(values.at(10), 0.5);
  EXPECT_EQ(values.at(20), 0) << "after the signal's end";
  EXPECT_THAT(complaint_of(scene), testing::HasSubstr("\"kick\" of the song was not measured"));
}

TEST_F(CurveSceneTest, CountsBeatsAndBarsOfTheSong) {
  const auto at = [&](const std::string& name, std::int64_t frame) {
    const auto scene = read(
        scene_with("[video]\nfps = 10\nduration = 5\n[picture]\nbrightness = \"" + name + "\"\n"));
    return brightness_of(scene).at(frame);
  };
  EXPECT_EQ(at("beat", 0), 9.1) << "the film begins with bar 3, and half a frame is 0.1 beats";
  EXPECT_EQ(at("bar", 0), 3.025);
  EXPECT_EQ(at("beat_phase", 0), 0.1);
  EXPECT_EQ(at("beat", 1), 9.3);
  EXPECT_EQ(at("beat_phase", 1), 0.3);
  EXPECT_EQ(at("bar_phase", 1), 0.075);
  EXPECT_EQ(at("bar", 10), 3.525);
  EXPECT_EQ(at("bar_phase", 20), 0.025);
  EXPECT_EQ(at("frame", 7), 7);
  EXPECT_EQ(at("t", 7), 0.7);
}

// A light at every beat: on for the frame nearest to it, off just before.
TEST(BeatFlashTest, BeginsWithTheNearestFrameOfEveryBeatForTenMinutes) {
  for (const char* fps : {"23.976", "24", "25", "30", "60"}) {
    for (const char* tempo_lines : {"bpm = 118\noffset = 0.37", "bpm = 117.937\noffset = 0.37",
                                    "bpm = 120", "bpm = 60\noffset = -0.123456"}) {
      const Scene scene = parse_scene(
          with_keyframe(std::string("[video]\nduration = 600\nfps = ") + fps + "\n[music]\n" +
                        tempo_lines + "\n[picture]\nbrightness = \"1 + 2 * (beat_phase < 0.1)\""),
          "film.toml");
      const auto values = brightness_of(scene);
      const auto tempo = tempo_map(scene.music);
      std::int64_t beat = 1;  // the next to come
      const auto half_frame = time_of_frame(1, scene.video.fps) / RationalTime(2, 1);
      while (tempo->time_of_beat(RationalTime(beat, 1)) <= half_frame) ++beat;
      for (std::int64_t frame = 1; frame < values.size(); ++frame) {
        const auto time = time_of_frame(frame, scene.video.fps) + half_frame;
        const bool first = time >= tempo->time_of_beat(RationalTime(beat, 1));
        const bool turned_on = values.at(frame) == 3 && values.at(frame - 1) == 1;
        ASSERT_EQ(turned_on, first) << fps << " fps, " << tempo_lines << ", frame " << frame;
        if (first) ++beat;
      }
      EXPECT_GT(beat, 599);
    }
  }
}

// The same where every beat has a length of its own.
TEST_F(CurveSceneTest, FlashesAtEveryBeatOfAList) {
  std::string beats;
  for (int i = 0; i < 200; ++i) {
    beats += std::to_string(i / 2) + "." + std::to_string(100 + i % 2 * 500 + i * 37 % 89) + "\n";
  }
  write("beats.txt", beats);
  for (const char* fps : {"23.976", "24", "25", "30", "60"}) {
    const Scene scene =
        read(with_keyframe(std::string("[video]\nduration = 99\nfps = ") + fps +
                           "\n[music]\nbeats = \"beats.txt\"\n"
                           "[picture]\nbrightness = \"1 + 2 * (beat_phase < 0.2)\""));
    const auto values = brightness_of(scene);
    const auto tempo = time_context(scene).tempo;
    for (std::int64_t beat = 1; beat < 198; ++beat) {
      const auto half_frame = time_of_frame(1, scene.video.fps) / RationalTime(2, 1);
      const auto time = tempo->time_of_beat(RationalTime(beat, 1)) - half_frame;
      const auto frame = frames_to_cover(time, scene.video.fps);
      ASSERT_EQ(values.at(frame), 3) << fps << ", beat " << beat;
      ASSERT_EQ(values.at(frame - 1), 1) << fps << ", beat " << beat;
    }
  }
}

}  // namespace
}  // namespace latentreel::scenes
