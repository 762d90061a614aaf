#include "scenes/frame_script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "scenes/easing.h"
#include "tests/scenes/aggregate.h"
#include "tests/scenes/support.h"

namespace latentreel::scenes {
namespace {

using testing::HasSubstr;

// Keyframes at 0, 1, 3 and 4 s; the second stays for half a second. 10 frames a second.
FrameScript script_of(const std::string& interpolate, const std::string& video = "") {
  const auto scene = parse_scene("[video]\nfps = 10\n" + video + "\n[interpolate]\n" + interpolate +
                                     "\n[[keyframe]]\nprompt = \"a\"\n"
                                     "[[keyframe]]\nat = 1\nhold = \"0.5s\"\nprompt = \"b\"\n"
                                     "[[keyframe]]\nat = 3\nprompt = \"c\"\n"
                                     "[[keyframe]]\nat = 4\nprompt = \"d\"\n",
                                 "film.toml");
  return FrameScript(Timeline(scene), scene);
}

TEST(FrameScriptTest, AFrameThatStandsIsItsKeyframeAlone) {
  for (const char* options : {"path = \"spline\"", "easing = \"linear\"", "pacing = \"clock\""}) {
    const auto script = script_of(options);
    for (const int frame : {10, 12, 15}) {
      EXPECT_EQ(script.at(frame), (FrameSpec{.from = 1, .to = 1})) << options << " " << frame;
    }
    EXPECT_EQ(script.at(-3), (FrameSpec{}));
    EXPECT_EQ(script.at(99), (FrameSpec{.from = 3, .to = 3}));
  }
}

TEST(FrameScriptTest, AFrameBetweenIsEasedAndSaysWhetherItIsPaced) {
  const auto even = script_of("path = \"rise\"\neasing = \"ease-in\"");
  EXPECT_EQ(even.at(5), (FrameSpec{.from = 0,
                                   .to = 1,
                                   .interval = 0,
                                   .amount = ease(Easing::ease_in, 0.5),
                                   .paced = true,
                                   .path = PathKind::rise}));
  EXPECT_FALSE(script_of("pacing = \"clock\"").at(5).paced);
}

TEST(FrameScriptTest, BetweenIsNeitherEasedNorPaced) {
  const auto probe = script_of("easing = \"ease-in\"").between(1, 0.25);
  EXPECT_EQ(
      probe,
      (FrameSpec{.from = 1, .to = 2, .interval = 1, .amount = 0.25, .path = PathKind::spherical}));
}

TEST(FrameScriptTest, ASplineLooksAtTheNeighbours) {
  const auto script = script_of("path = \"spline\"");
  const auto middle = script.at(20);
  EXPECT_EQ(middle.frames, 15);
  EXPECT_EQ(middle.leaving, (Slope{.before = 0, .after = 2, .frames = 25}));
  EXPECT_EQ(middle.arriving, (Slope{.before = 1, .after = 3, .frames = 25}));
  EXPECT_EQ(script.at(5).leaving, (Slope{.before = 0, .after = 1, .frames = 10}));
  EXPECT_EQ(script.at(35).arriving, (Slope{.before = 2, .after = 3, .frames = 10}));
  EXPECT_EQ(script_of("").at(20).leaving, Slope()) << "no other path does";
}

TEST(FrameScriptTest, ASplineOfALoopLooksAllAround) {
  const auto script = script_of("path = \"spline\"\nloop = true", "duration = \"6s\"");
  EXPECT_EQ(script.at(5).leaving, (Slope{.before = 3, .after = 1, .frames = 30}));
  const auto back = script.at(50);
  EXPECT_EQ(back.from, 3);
  EXPECT_EQ(back.to, 0);
  EXPECT_EQ(back.arriving, script.at(5).leaving);
  EXPECT_EQ(script.at(60), script.at(59)) << "after the end the last frame stands";
}

TEST(FrameScriptSpeedTest, AConstantIsTheEvenWayBitForBit) {
  const auto even = script_of("");
  for (const char* speed : {"speed = 1", "speed = 0.37", "speed = 0", "speed = \"0\"",
                            "speed = \"0.37\"", "speed = [[0, 1000], [9, 1000]]"}) {
    const auto script = script_of(speed);
    for (int frame = 0; frame <= 40; ++frame) {
      EXPECT_EQ(script.at(frame), even.at(frame)) << speed << ", frame " << frame;
    }
  }
}

TEST(FrameScriptSpeedTest, AFrameHasGoneTheSpeedsOfThoseBefore) {
  const auto script =
      script_of("easing = \"linear\"\nspeed = \"frame == 2 ? 3 : frame == 5 ? 1 : 0\"");
  for (int frame = 0; frame <= 2; ++frame) EXPECT_EQ(script.at(frame), FrameSpec()) << frame;
  for (int frame = 3; frame <= 5; ++frame) EXPECT_EQ(script.at(frame).amount, 0.75) << frame;
  for (int frame = 6; frame <= 10; ++frame) {
    EXPECT_EQ(script.at(frame), (FrameSpec{.from = 1, .to = 1})) << frame;
  }
  EXPECT_EQ(script.at(20), script_of("easing = \"linear\"").at(20)) << "all are 0 there";
}

TEST(FrameScriptSpeedTest, KeyframesStandAndTheWayNeverGoesBack) {
  const auto script = script_of("speed = \"2 + sin(frame * 1.7) + noise(3, t * 5)\"");
  double before = 0;
  for (int frame = 0; frame <= 40; ++frame) {
    const auto spec = script.at(frame);
    const bool keyframe = frame == 0 || (frame >= 10 && frame <= 15) || frame == 30 || frame == 40;
    EXPECT_EQ(spec.is_still(), keyframe) << frame;
    EXPECT_TRUE(keyframe || spec.amount > before) << frame;
    before = keyframe ? 0 : spec.amount;
  }
}

// What the frames around the second keyframe, which stays from frame 10 to 15, go to.
TEST(FrameScriptPulseTest, GoesWhereTheSceneSays) {
  const auto towards = [](const std::string& where, const std::string& loop = "") {
    const auto script = script_of(loop + "[pulse]\namount = 0.5\nseed = 7\ntowards = " + where,
                                  loop.empty() ? "" : "duration = \"6s\"");
    std::string text;
    for (const int frame : {0, 5, 12, 20, 40}) {
      const Pulse pulse = script.at(frame).pulse;
      text += pulse == Pulse() ? "- " : std::to_string(pulse.towards) + " ";
      EXPECT_EQ(pulse.seed, where == "\"noise\"" ? 7 : 0);
    }
    return text;
  };
  EXPECT_EQ(towards("\"noise\""), "-1 -1 -1 -1 -1 ");
  EXPECT_EQ(towards("\"next\""), "1 1 2 2 - ");
  EXPECT_EQ(towards("\"previous\""), "- 0 0 1 2 ");
  EXPECT_EQ(towards("1"), "1 1 - 1 1 ");
  const std::string loop = "loop = true\n";
  EXPECT_EQ(towards("\"next\"", loop), "1 1 2 2 0 ");
  EXPECT_EQ(towards("\"previous\"", loop), "3 0 0 1 2 ");
}

TEST(FrameScriptPulseTest, OfNothingLeavesTheFrameAsItWas) {
  const auto script = script_of("[pulse]\namount = \"frame % 2\"\nseed = 7\ntowards = 3");
  EXPECT_EQ(script.at(4), script_of("").at(4));
  EXPECT_EQ(script.at(5).pulse, (Pulse{.amount = 1, .towards = 3}));
  EXPECT_EQ(script.between(0, 0.5), script_of("").between(0, 0.5));
}

TEST(FrameScriptGradeTest, HasTheValuesOfTheFrame) {
  const auto script = script_of(
      "[picture]\nbrightness = \"1 + (frame == 5)\"\ncontrast = [[0, 1], [1, 1], [2, 3]]");
  EXPECT_EQ(script.at(5).grade, (Grade{.brightness = 2}));
  EXPECT_EQ(script.at(15).grade, (Grade{.contrast = 2}));
  EXPECT_EQ(script.at(4), script_of("").at(4)) << "a change of other frames is none of this one";
}

// Films made before there were pulses, grades, cameras and captions are known by hashes of these
// fields.
TEST(FrameSpecTest, WithoutTheNewerPartsHasTheFieldsOfOlderFilms) {
  EXPECT_EQ(text_of(FrameSpec()),
            "from=0 to=0 interval=-1 amount=0 paced=false path=linear frames=0 "
            "leaving.before=-1 leaving.after=-1 leaving.frames=0 "
            "arriving.before=-1 arriving.after=-1 arriving.frames=0");
}

// A field that is not visited is in no hash: a film made before it changed would pass for the new.
TEST(FrameSpecTest, EveryFieldIsVisited) {
  int visited = 0;
  visit_fields(FrameSpec{.grade = {.contrast = 2}, .camera = {.xx = 2}, .caption = {.flash = 1}},
               [&](std::string_view, const auto&) { ++visited; });
  // But for the place in a chain.
  EXPECT_EQ(visited, fields_in<FrameSpec>() - 1 + 2 * (fields_in<Slope>() - 1) +
                         (fields_in<Pulse>() - 1) + (fields_in<Grade>() - 1) +
                         (fields_in<Camera>() - 1) + (fields_in<Caption>() - 1));
}

// Each part is left out where it does nothing, whatever the others do.
TEST(FrameSpecTest, VisitsEachPartThatDoesSomething) {
  const std::string plain = text_of(FrameSpec());
  const std::string graded = text_of(FrameSpec{.grade = {.contrast = 2}});
  const std::string moved = text_of(FrameSpec{.camera = {.x = 2}});
  EXPECT_EQ(graded, plain +
                        " pulse.amount=0 pulse.towards=-1 pulse.seed=0 grade.brightness=1 "
                        "grade.contrast=2 grade.saturation=1");
  EXPECT_EQ(moved, plain +
                       " camera.edge=mirror camera.xx=1 camera.xy=0 camera.x=2 camera.yx=0 "
                       "camera.yy=1 camera.y=0 camera.resized=false");
  EXPECT_EQ(text_of(FrameSpec{.grade = {.contrast = 2}, .camera = {.x = 2}}),
            graded + moved.substr(plain.size()));
}

TEST(FrameSpecTest, EveryFieldTellsFramesApart) {
  const FrameSpec spec;
  std::set<std::string> texts = {text_of(spec)};
  std::size_t changes = 0;
  const auto expect_told_apart = [&](const auto& change) {
    FrameSpec changed = spec;
    change(changed);
    EXPECT_FALSE(changed == spec);
    texts.insert(text_of(changed));
    ++changes;
  };
  expect_told_apart([](FrameSpec& s) { s.from = 7; });
  expect_told_apart([](FrameSpec& s) { s.to = 7; });
  expect_told_apart([](FrameSpec& s) { s.interval = 7; });
  expect_told_apart([](FrameSpec& s) { s.amount = 1e-9; });
  expect_told_apart([](FrameSpec& s) { s.paced = true; });
  expect_told_apart([](FrameSpec& s) { s.path = PathKind::bloom; });
  expect_told_apart([](FrameSpec& s) { s.frames = 7; });
  expect_told_apart([](FrameSpec& s) { s.leaving.before = 7; });
  expect_told_apart([](FrameSpec& s) { s.leaving.after = 7; });
  expect_told_apart([](FrameSpec& s) { s.leaving.frames = 7; });
  expect_told_apart([](FrameSpec& s) { s.arriving.before = 7; });
  expect_told_apart([](FrameSpec& s) { s.arriving.after = 7; });
  expect_told_apart([](FrameSpec& s) { s.arriving.frames = 7; });
  expect_told_apart([](FrameSpec& s) { s.pulse.amount = 1e-9; });
  expect_told_apart([](FrameSpec& s) { s.pulse.towards = 7; });
  expect_told_apart([](FrameSpec& s) { s.pulse.seed = 7; });
  expect_told_apart([](FrameSpec& s) { s.grade.brightness = 2; });
  expect_told_apart([](FrameSpec& s) { s.grade.contrast = 2; });
  expect_told_apart([](FrameSpec& s) { s.grade.saturation = 2; });
  expect_told_apart([](FrameSpec& s) { s.caption.where = "1:1"; });
  expect_told_apart([](FrameSpec& s) { s.caption.prompt = "1:1"; });
  expect_told_apart([](FrameSpec& s) { s.caption.flash = 1; });
  expect_told_apart([](FrameSpec& s) { s.camera.xx = 2; });
  expect_told_apart([](FrameSpec& s) { s.camera.xy = 2; });
  expect_told_apart([](FrameSpec& s) { s.camera.x = 2; });
  expect_told_apart([](FrameSpec& s) { s.camera.yx = 2; });
  expect_told_apart([](FrameSpec& s) { s.camera.yy = 2; });
  expect_told_apart([](FrameSpec& s) { s.camera.y = 2; });
  expect_told_apart([](FrameSpec& s) { s.camera.edge = Edge::black; });
  expect_told_apart([](FrameSpec& s) { s.camera.resized = true; });
  EXPECT_EQ(texts.size(), changes + 1);
  EXPECT_THAT(text_of(spec), HasSubstr("from=0 to=0 interval=-1 amount=0"));
}

}  // namespace
}  // namespace latentreel::scenes
