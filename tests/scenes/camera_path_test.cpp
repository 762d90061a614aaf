#include "scenes/camera_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "scenes/affine.h"
#include "scenes/frame_script.h"
#include "tests/scenes/support.h"

namespace latentreel::scenes {
namespace {

using testing::HasSubstr;

// Entries are kept as multiples of 2^-32, 1e-6 pixels of 4096; positions beside that.
constexpr double kSame = 1e-9;

void expect_near(const Camera& camera, const Affine& expected, double tolerance = kSame) {
  EXPECT_NEAR(camera.xx, expected.xx, tolerance);
  EXPECT_NEAR(camera.xy, expected.xy, tolerance);
  EXPECT_NEAR(camera.x, expected.x, tolerance);
  EXPECT_NEAR(camera.yx, expected.yx, tolerance);
  EXPECT_NEAR(camera.yy, expected.yy, tolerance);
  EXPECT_NEAR(camera.y, expected.y, tolerance);
}

Affine affine_of(const Camera& c) {
  return {c.xx, c.xy, c.x, c.yx, c.yy, c.y};
}

// The product of many small steps that are right to the first order, from `from` on: the definition
// by other means. velocity(seconds) is constant in cells of 1/120 s.
template <class VelocityAt>
Affine by_small_steps(const VelocityAt& velocity, double from, double seconds) {
  constexpr int kStepsACell = 20'000;
  const double step = 1.0 / 120 / kStepsACell;
  Affine pose;
  const auto count = static_cast<std::int64_t>(std::llround((seconds - from) / step));
  for (std::int64_t i = 0; i < count; ++i) {
    const Velocity v = velocity(from + (static_cast<double>(i) + 0.5) * step);
    // The inverse of 1 + v step to the second order, as the steps after it stand on its right.
    const Affine back = {1 - v.xx * step, -v.xy * step,    -v.x * step,
                         -v.yx * step,    1 - v.yy * step, -v.y * step};
    const Affine twice = {v.xx * v.xx + v.xy * v.yx, v.xx * v.xy + v.xy * v.yy,
                          v.xx * v.x + v.xy * v.y,   v.yx * v.xx + v.yy * v.yx,
                          v.yx * v.xy + v.yy * v.yy, v.yx * v.x + v.yy * v.y};
    const double half = step * step / 2;
    pose = pose * Affine{back.xx + half * twice.xx, back.xy + half * twice.xy,
                         back.x + half * twice.x,   back.yx + half * twice.yx,
                         back.yy + half * twice.yy, back.y + half * twice.y};
  }
  return pose;
}

// Two keyframes, at 0 and 4 s, of a film of 5 s.
FrameScript moving_script(const std::string& motion, const std::string& fps = "24",
                          const std::string& lines = "size = \"256x256\"") {
  const auto scene =
      parse_scene("[video]\nduration = 5\nfps = " + fps + "\n" + lines + "\n[music]\nbpm = 120\n" +
                      "[motion]\n" + motion +
                      "\n[[keyframe]]\nprompt = \"a\"\n[[keyframe]]\nat = 4\nprompt = \"b\"\n",
                  "film.toml");
  return FrameScript(Timeline(scene), scene);
}

Camera camera_at(const std::string& motion, std::int64_t frame, const std::string& fps = "24") {
  return moving_script(motion, fps).at(frame).camera;
}

// --- Steps ---------------------------------------------------------------------------------------

TEST(AffineTest, AnExponentialIsItsClosedForm) {
  for (const double seconds : {1e-6, 1.0 / 120, 0.3, 1.0, 7.0, 100.0, -2.5}) {
    const double grow = 0.04, turn = 0.7;
    const Affine moved = moved_for({.xx = grow, .xy = -turn, .yx = turn, .yy = grow}, seconds);
    const double size = std::exp(grow * seconds);
    EXPECT_NEAR(moved.xx, size * std::cos(turn * seconds), 1e-13 * size) << seconds;
    EXPECT_NEAR(moved.yx, size * std::sin(turn * seconds), 1e-13 * size) << seconds;
    EXPECT_NEAR(moved.xy, -moved.yx, 1e-13 * size);
    EXPECT_EQ(moved.x, 0);
  }
  // Of points that only move, and of rows against each other, the series ends.
  EXPECT_EQ(moved_for({.x = 0.25, .y = -3}, 40), (Affine{.x = 10, .y = -120}));
  const Affine sheared = moved_for({.xy = 0.5, .y = 2}, 3);
  EXPECT_NEAR(sheared.xy, 1.5, 1e-14);
  EXPECT_NEAR(sheared.x, 0.5 * 2 * 9 / 2, 1e-13);
  EXPECT_NEAR(sheared.y, 6, 1e-13);
}

TEST(AffineTest, TwoTimesAreOneAfterTheOther) {
  const Velocity v{.xx = 0.3, .xy = -2, .x = 0.4, .yx = 1.7, .yy = -0.1, .y = 5};
  const Affine both = moved_for(v, 0.7) * moved_for(v, 2.3);
  const Affine once = moved_for(v, 3);
  EXPECT_NEAR(both.xx, once.xx, 1e-12);
  EXPECT_NEAR(both.xy, once.xy, 1e-12);
  EXPECT_NEAR(both.x, once.x, 1e-12);
  EXPECT_NEAR(both.yx, once.yx, 1e-12);
  EXPECT_NEAR(both.yy, once.yy, 1e-12);
  EXPECT_NEAR(both.y, once.y, 1e-12);
}

// --- What the keys mean --------------------------------------------------------------------------

TEST(CameraPathTest, ZoomMakesWhatIsSeenLargerAroundTheCenter) {
  expect_near(camera_at("zoom = 2", 24), {.xx = 0.5, .yy = 0.5});
  expect_near(camera_at("zoom = 2", 48), {.xx = 0.25, .yy = 0.25});
  // The point a quarter of the width from the left, three quarters from above, stays where it is.
  const Camera beside = camera_at("zoom = 2\ncenter = [0.25, 0.75]", 24);
  EXPECT_NEAR(beside.xx * -0.25 + beside.x, -0.25, kSame);
  EXPECT_NEAR(beside.yy * 0.25 + beside.y, 0.25, kSame);
}

TEST(CameraPathTest, PanMovesTheCameraToTheRightAndDown) {
  expect_near(camera_at("pan = [0.5, 0.25]", 24), {.x = 0.5, .y = 0.25});
}

TEST(CameraPathTest, RotateTurnsWhatIsSeenClockwise) {
  // What was at the right end of the frame (0.5, 0) is seen at its lower end (0, 0.5).
  const Camera camera = camera_at("rotate = 90", 24);
  EXPECT_NEAR(camera.xx * 0 + camera.xy * 0.5, 0.5, kSame);
  EXPECT_NEAR(camera.yx * 0 + camera.yy * 0.5, 0, kSame);
}

TEST(CameraPathTest, ShearMovesRowsBelowTheCenterToTheRight) {
  // What is seen at (u + 0.2 v, v) was at (u, v).
  expect_near(camera_at("shear = 0.2", 24), {.xy = -0.2});
}

// A wide film: half its height is a quarter of its width. `output` says the film's proportions.
TEST(CameraPathTest, CountsInTheFilmsWidths) {
  const std::string motion = "zoom = 2\ncenter = [0.5, 1]";
  for (const char* size : {"size = \"256x128\"", "size = \"64x64\"\noutput = \"512x256\""}) {
    const Camera camera = moving_script(motion, "24", size).at(24).camera;
    EXPECT_NEAR(camera.yy * 0.25 + camera.y, 0.25, kSame) << size;
  }
}

// --- Time alone ----------------------------------------------------------------------------------

TEST(CameraPathTest, IsAtTheSamePlaceAtEveryFrameRate) {
  const std::vector<std::string> motions = {
      "zoom = 2", "zoom = 1.3\npan = [0.1, -0.2]\nrotate = 47\nshear = 0.1\ncenter = [0.2, 0.9]",
      "zoom = [[0, 0.5], [0.4, 3, \"ease-in\"], [0.9, 1]]\nrotate = \"90 * sin(7 * t)\"",
      "zoom = \"1 + 3 * (beat_phase < 0.3)\"\npan = [\"noise(3, 5 * t)\", \"bar_phase\"]"};
  for (const auto& motion : motions) {
    const Camera expected = camera_at(motion, 24 * 3);
    expect_near(camera_at(motion, 25 * 3, "25"), affine_of(expected));
    expect_near(camera_at(motion, 60 * 3, "60"), affine_of(expected));
    expect_near(camera_at(motion, 3, "1"), affine_of(expected));
    EXPECT_FALSE(expected.is_neutral());
  }
}

// 23.976 has no frame at a whole second, but at 1.001 s.
TEST(CameraPathTest, IsExactBetweenTheFramesOfOthers) {
  expect_near(camera_at("zoom = 2", 24, "23.976"),
              {.xx = std::exp2(-1.001), .yy = std::exp2(-1.001)});
  // A curve that is read, of the same values.
  expect_near(camera_at("zoom = \"2 + 0 * t\"", 24, "23.976"),
              {.xx = std::exp2(-1.001), .yy = std::exp2(-1.001)});
  expect_near(camera_at("zoom = [[0, 2], [9, 2]]", 24, "23.976"),
              {.xx = std::exp2(-1.001), .yy = std::exp2(-1.001)});
}

TEST(CameraPathTest, IsTheProductOfSmallSteps) {
  const double turn = 80 * std::numbers::pi / 180;
  const auto constant = [&](double) {
    return Velocity{.xy = -turn, .x = -0.3, .yx = turn, .y = 0.2};
  };
  expect_near(camera_at("pan = [0.3, -0.2]\nrotate = 80", 36), by_small_steps(constant, 0, 1.5),
              2e-9);
  // With a curve: its value in the middle of each cell of 1/120 s.
  const auto changing = [&](double seconds) {
    const double middle = (std::floor(seconds * 120) + 0.5) / 120;
    const double grow = std::log(std::round((1 + middle) * 1e6) / 1e6);
    return Velocity{.xx = grow, .xy = -turn, .x = -0.3, .yx = turn, .yy = grow, .y = 0.2};
  };
  expect_near(camera_at("zoom = \"1 + t\"\npan = [0.3, -0.2]\nrotate = 80", 36),
              by_small_steps(changing, 0, 1.5), 2e-9);
}

// --- Since when ----------------------------------------------------------------------------------

TEST(CameraPathTest, FromTheKeyframeItBeginsAnewThere) {
  for (const char* zoom : {"zoom = 2", "zoom = \"2 + 0 * t\""}) {
    const auto script = moving_script(std::string(zoom) + "\nfrom = \"keyframe\"");
    expect_near(script.at(95).camera, {.xx = std::exp2(-95 / 24.0), .yy = std::exp2(-95 / 24.0)});
    EXPECT_TRUE(script.at(96).camera.is_neutral()) << zoom;
    expect_near(script.at(108).camera, {.xx = std::sqrt(0.5), .yy = std::sqrt(0.5)});
  }
  // Its exact time counts, and the curve's values of then.
  const auto turn = [](double seconds) {
    const double middle = (std::floor(seconds * 120) + 0.5) / 120;
    const double speed = std::round(20 * middle * 1e6) / 1e6 * std::numbers::pi / 180;
    return Velocity{.xy = -speed, .x = -0.1, .yx = speed};
  };
  const auto scene = parse_scene(
      "[video]\nduration = 3\n[motion]\nrotate = \"20 * t\"\npan = [0.1, 0]\nfrom = \"keyframe\"\n"
      "[[keyframe]]\nat = 0.51\nprompt = \"a\"\n[[keyframe]]\nat = 1.01\nprompt = \"b\"\n",
      "film.toml");
  const FrameScript script(Timeline(scene), scene);
  EXPECT_TRUE(script.at(5).camera.is_neutral()) << "before the first keyframe";
  EXPECT_TRUE(script.at(12).camera.is_neutral()) << "shows the keyframe 0.01 s before its time";
  EXPECT_TRUE(script.at(24).camera.is_neutral());
  expect_near(script.at(36).camera, by_small_steps(turn, 1.01, 1.5), 2e-9);
}

// --- What enters hashes --------------------------------------------------------------------------

TEST(CameraPathTest, EntriesAreRounded) {
  const Camera c = camera_at("zoom = 1.37\nrotate = 11\npan = [0.123, 0.3]", 77);
  for (const double entry : {c.xx, c.xy, c.x, c.yx, c.yy, c.y}) {
    EXPECT_EQ(entry * 4294967296, std::round(entry * 4294967296));
    EXPECT_NE(entry, std::round(entry)) << "the test has to see some rounding";
  }
}

TEST(CameraPathTest, MotionThatDoesNothingIsNone) {
  const auto still = moving_script("");
  for (const char* motion :
       {"zoom = 1", "edge = \"wrap\"\nfrom = \"keyframe\"", "center = [0.1, \"0.5 + 0.1 * t\"]",
        "zoom = \"1 + 0 * beat\"\nrotate = [[0, 0], [4, 0]]\npan = [\"t - t\", 0]\nedge = "
        "\"black\"",
        "rotate = \"t < 5 ? 0 : 1\""}) {
    for (const char* size : {"size = \"64x64\"", "size = \"64x64\"\noutput = \"128x128\""}) {
      const auto script = moving_script(motion, "24", size);
      for (const int frame : {0, 50, 96, 119}) {
        EXPECT_EQ(script.at(frame), still.at(frame)) << motion << ", frame " << frame;
      }
    }
  }
}

TEST(CameraPathTest, AFrameThatStandsIsThePlainOne) {
  const auto script = moving_script("zoom = \"t < 2 ? 1 : 2\"\nedge = \"wrap\"");
  EXPECT_EQ(script.at(48), moving_script("").at(48));
  EXPECT_EQ(script.at(49).camera.edge, Edge::wrap);
  EXPECT_FALSE(script.at(49).camera.resized);
}

TEST(CameraPathTest, AFilmThatMovesIsSampledAtItsOwnSize) {
  const auto at = [](const std::string& size, int frame) {
    return moving_script("zoom = \"t < 2 ? 1 : 2\"\nedge = \"wrap\"", "24", size).at(frame).camera;
  };
  const std::string larger = "size = \"64x64\"\noutput = \"128x128\"";
  EXPECT_EQ(at(larger, 10), (Camera{.resized = true})) << "also where it stands";
  EXPECT_TRUE(at(larger, 60).resized);
  EXPECT_FALSE(at("size = \"64x64\"\noutput = \"64x64\"", 60).resized);
}

TEST(CameraPathTest, TooFarAwayIsTold) {
  try {
    moving_script("zoom = 0.01");
    FAIL();
  } catch (const SceneError& error) {
    EXPECT_EQ(std::string(error.what()),
              "film.toml: motion: at frame 73 (3.042 s) the camera is too far away: the picture is "
              "1048576 times smaller, or as many frame widths beside it, slow it down, let it come "
              "back, or set from = \"keyframe\" in [motion]");
  }
  EXPECT_NO_THROW(moving_script("zoom = 8\npan = [1000, 1000]"));
  EXPECT_THROW(moving_script("zoom = 0.001\nrotate = 36000"), SceneError);
}

// All of a frame would be one point of the picture, in one colour.
TEST(CameraPathTest, TooNearIsTold) {
  try {
    moving_script("zoom = 100");
    FAIL();
  } catch (const SceneError& error) {
    EXPECT_EQ(
        std::string(error.what()),
        "film.toml: motion: at frame 73 (3.042 s) the camera is too near: the picture is "
        "1048576 times larger, and nothing in it can be told apart, slow it down, let it come "
        "back, or set from = \"keyframe\" in [motion]");
  }
  EXPECT_THROW(moving_script("zoom = 1000\nrotate = 36000"), SceneError);
}

TEST(CameraPathTest, AMomentWithoutANumberIsTold) {
  try {
    moving_script("zoom = \"1 / (frame - 12.3)\"");
    FAIL();
  } catch (const SceneError& error) {
    EXPECT_THAT(std::string(error.what()),
                HasSubstr("zoom: \"1 / (frame - 12.3)\" is inf at 0.513 s, look at"));
  }
}

}  // namespace
}  // namespace latentreel::scenes
