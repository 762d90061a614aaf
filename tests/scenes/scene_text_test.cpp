#include "scenes/scene_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "scenes/scene_reader.h"
#include "scenes/scene_template.h"
#include "tests/scenes/support.h"

namespace latentreel::scenes {
namespace {

using testing::HasSubstr;
using testing::Not;

void expect_same(const Scene& a, const Scene& b) {
  EXPECT_EQ(a.title, b.title);
  EXPECT_EQ(a.artist, b.artist);
  EXPECT_EQ(a.video.width, b.video.width);
  EXPECT_EQ(a.video.height, b.video.height);
  EXPECT_EQ(a.video.output_width, b.video.output_width);
  EXPECT_EQ(a.video.output_height, b.video.output_height);
  EXPECT_EQ(a.video.fps, b.video.fps);
  EXPECT_EQ(a.video.codec, b.video.codec);
  EXPECT_EQ(a.video.quality, b.video.quality);
  EXPECT_EQ(a.video.duration, b.video.duration);
  EXPECT_EQ(a.music.file, b.music.file);
  EXPECT_EQ(a.music.from, b.music.from);
  EXPECT_EQ(a.music.to, b.music.to);
  EXPECT_EQ(a.music.bpm, b.music.bpm);
  EXPECT_EQ(a.music.offset, b.music.offset);
  EXPECT_EQ(a.music.beats_per_bar, b.music.beats_per_bar);
  EXPECT_EQ(a.music.beats, b.music.beats);
  EXPECT_EQ(a.music.codec, b.music.codec);
  EXPECT_EQ(a.music.channels, b.music.channels);
  EXPECT_EQ(a.music.gain, b.music.gain);
  EXPECT_EQ(a.music.chapters, b.music.chapters);
  EXPECT_EQ(a.music.subtitles, b.music.subtitles);
  EXPECT_EQ(a.models.vqgan, b.models.vqgan);
  ASSERT_EQ(a.models.clip.size(), b.models.clip.size());
  for (std::size_t i = 0; i < a.models.clip.size(); ++i) {
    EXPECT_EQ(a.models.clip[i].name, b.models.clip[i].name);
    EXPECT_EQ(a.models.clip[i].weight, b.models.clip[i].weight);
  }
  EXPECT_EQ(a.interpolate.path, b.interpolate.path);
  EXPECT_EQ(a.interpolate.easing, b.interpolate.easing);
  EXPECT_EQ(a.interpolate.pacing, b.interpolate.pacing);
  EXPECT_EQ(a.interpolate.loop, b.interpolate.loop);
  EXPECT_EQ(a.interpolate.speed, b.interpolate.speed);
  EXPECT_EQ(a.pulse.amount, b.pulse.amount);
  EXPECT_EQ(a.pulse.towards, b.pulse.towards);
  EXPECT_EQ(a.pulse.keyframe, b.pulse.keyframe);
  EXPECT_EQ(a.pulse.seed, b.pulse.seed);
  EXPECT_EQ(a.motion.zoom, b.motion.zoom);
  EXPECT_EQ(a.motion.pan_x, b.motion.pan_x);
  EXPECT_EQ(a.motion.pan_y, b.motion.pan_y);
  EXPECT_EQ(a.motion.rotate, b.motion.rotate);
  EXPECT_EQ(a.motion.shear, b.motion.shear);
  EXPECT_EQ(a.motion.center_x, b.motion.center_x);
  EXPECT_EQ(a.motion.center_y, b.motion.center_y);
  EXPECT_EQ(a.motion.edge, b.motion.edge);
  EXPECT_EQ(a.motion.from, b.motion.from);
  EXPECT_EQ(a.feedback, b.feedback);
  EXPECT_EQ(a.picture.brightness, b.picture.brightness);
  EXPECT_EQ(a.picture.contrast, b.picture.contrast);
  EXPECT_EQ(a.picture.saturation, b.picture.saturation);
  EXPECT_EQ(a.signals, b.signals);
  ASSERT_EQ(a.keyframes.size(), b.keyframes.size());
  for (std::size_t i = 0; i < a.keyframes.size(); ++i) {
    EXPECT_EQ(a.keyframes[i].at, b.keyframes[i].at) << i;
    EXPECT_EQ(a.keyframes[i].hold, b.keyframes[i].hold) << i;
    EXPECT_EQ(a.keyframes[i].cut, b.keyframes[i].cut) << i;
    EXPECT_EQ(a.keyframes[i].prompts, b.keyframes[i].prompts) << i;
    EXPECT_EQ(a.keyframes[i].optimize, b.keyframes[i].optimize) << i;
  }
}

TEST(SceneTextTest, KeepsSeedsBeyondTheIntegersOfToml) {
  const Scene scene = parse_scene("[[keyframe]]\nprompt = \"a\"\n", "film.toml",
                                  {{"optimize.seed", "18446744073709551615"}});
  const auto text = scene_text(scene);
  EXPECT_THAT(text, HasSubstr("seed = \"18446744073709551615\"\n"));
  expect_same(parse_scene(text, "film.toml"), scene);
}

TEST(SceneTextTest, IsShortForAShortScene) {
  const Scene scene = parse_scene("[[keyframe]]\nprompt = \"a \\\"red\\\" apple\"\n", "film.toml");
  EXPECT_EQ(scene_text(scene),
            "title = \"film\"\n"
            "\n"
            "[video]\n"
            "size = \"256x256\"\n"
            "fps = 24\n"
            "codec = \"h264\"\n"
            "\n"
            "[models]\n"
            "vqgan = \"tiny\"\n"
            "clip = [\"tiny\"]\n"
            "\n"
            "[interpolate]\n"
            "path = \"spherical\"\n"
            "easing = \"ease-in-out\"\n"
            "pacing = \"even\"\n"
            "\n"
            "[optimize]\n"
            "recipe = \"notebook\"\n"
            "\n"
            "[[keyframe]]\n"
            "at = \"0s\"\n"
            "prompt = \"a \\\"red\\\" apple\"\n");
}

using SceneTextFilesTest = FolderTest;

TEST_F(SceneTextFilesTest, ReadsBackToTheSameScene) {
  write("song.flac", "");
  write("moon.png", "");
  write("beats.txt", "0.5\t0.5\t\n1\t1\t\n");
  const auto file = write(
      "film.toml",
      "title = \"Fir\\u00e4t \\\"light\\\"\"\nartist = \"T\\u00efny\"\n"
      "[video]\nsize = \"512x288\"\noutput = \"1920x1080\"\nfps = \"30000/1001\"\ncodec = \"av1\"\n"
      "quality = 20.5\nduration = \"bar 30\"\n"
      "[music]\nfile = \"song.flac\"\nfrom = \"bar 2\"\nto = \"bar 40\"\nbpm = 118.765\n"
      "offset = -0.37\nbeats_per_bar = 3\nbeats = \"beats.txt\"\n"
      "codec = \"aac\"\nchannels = \"stereo\"\ngain = \"auto\"\n"
      "chapters = false\nsubtitles = false\n"
      "[models]\nvqgan = \"./vqgan.ckpt\"\n"
      "clip = [\"ViT-B/32\", { name = \"rn.pt\", weight = 0.1 }]\n"
      "[interpolate]\npath = \"linear\"\neasing = \"ease-in\"\npacing = \"clock\"\nloop = true\n"
      "speed = [[\"bar 3\", 1], [\"bar 4\", 1.4, \"ease-in\"]]\n"
      "[pulse]\namount = \"0.3 * kick * (beat_phase < 0.5)\"\nseed = 7\n"
      "[motion]\nzoom = \"1 + low\"\npan = [[[\"0s\", 0], [\"bar 4\", 0.5, \"ease-in\"]], -0.1]\n"
      "rotate = 30\nshear = \"0.1 * sin(t)\"\ncenter = [0.25, \"0.5 + 0.1 * sin(beat)\"]\n"
      "edge = \"wrap\"\nfrom = \"keyframe\"\n"
      "[feedback]\nrecipe = \"zoom\"\nlearning_rate = 0.07\naverage = 3\n"
      "[picture]\nbrightness = 1.25\ncontrast = '1 + low'\nsaturation = \"t\"\n"
      "[signals]\nkick = { source = \"band\", band = [40, 120], release = \"0.15s\" }\n"
      "[optimize]\nseed = 7\nextra = [\"a\", \"b\\nc\"]\nexclude = [{ text = \"x\", weight = 0.3 "
      "}]\n"
      "start = \"previous\"\ncut_min = 0.6\nlearning_rate = 0.333333333333333333\n"
      "augment = [\"flip\", { name = \"affine\", translate = [0, 0.1], nearest = true },\n"
      "  { name = \"erase\", ratio = [0.3, 3.3333333333333335] }, { name = \"sharpness\" }]\n"
      "[[keyframe]]\nat = \"bar 3\"\nhold = \"frame 3\"\nprompt = \"a\\tb\"\n"
      "[[keyframe]]\nat = \"beat 21.5\"\nrecipe = \"article\"\niterations = 1\nstart = "
      "\"moon.png\"\n"
      "prompts = [\"x\", { text = \"y\", weight = -0.1, stop = -0.25 }, { image = \"moon.png\" }]\n"
      "[[keyframe]]\nat = \"12.25s\"\ncut = true\nprompt = \"c\"\nexclude = []\nextra = "
      "\"\"\naugment = []\n");
  const Scene scene = read_scene(file);
  const std::string text = scene_text(scene);
  EXPECT_THAT(text, Not(HasSubstr(folder_.string())));
  const Scene again = parse_scene(text, file);
  expect_same(scene, again);
  EXPECT_EQ(scene_text(again), text);
}

TEST_F(SceneTextFilesTest, KeepsTheGainOfASong) {
  write("song.flac", "");
  const auto file = write(
      "film.toml", "[music]\nfile = \"song.flac\"\ngain = -3.25\n[[keyframe]]\nprompt = \"a\"\n");
  const std::string text = scene_text(read_scene(file));
  EXPECT_THAT(text, HasSubstr("gain = -3.25\n"));
  EXPECT_EQ(parse_scene(text, file).music.gain, -3.25);
}

TEST(SceneTextTest, ReadsBackTheTemplateWithOverrides) {
  const Scene scene = parse_scene(
      scene_template(), "film.toml",
      {{"keyframe.1.recipe", "article"}, {"music.bpm", "118"}, {"keyframe.2.at", "beat 19"}});
  const std::string text = scene_text(scene);
  expect_same(scene, parse_scene(text, "film.toml"));
  EXPECT_THAT(text, HasSubstr("at = \"540/59s\""));
}

TEST(SceneTextTest, CarriesNoFolders) {
  Scene scene = parse_scene("[[keyframe]]\nprompt = \"a\"\n", "film.toml");
  scene.music.file = "/home/someone/song.flac";
  scene.models.vqgan = "/home/someone/vqgan.ckpt";
  scene.models.clip = {{"./someone/clip", 1.0}};
  scene.keyframes[0].optimize.start = StartKind::image;
  scene.keyframes[0].optimize.start_image = {.file = "/home/someone/a.png"};
  scene.keyframes[0].prompts = {
      {.kind = Prompt::Kind::image, .image = {.file = "/home/someone/b.png"}},
      {.kind = Prompt::Kind::image,
       .image = {.file = "/home/someone/c.mp4", .at = RationalTime(5, 2)},
       .weight = 0.5}};
  const std::string text = scene_text(scene);
  EXPECT_THAT(text, Not(HasSubstr("someone")));
  EXPECT_THAT(text, HasSubstr("vqgan = \"vqgan.ckpt\""));
  EXPECT_THAT(text, HasSubstr("clip = [\"./clip\"]"));
  EXPECT_THAT(text, HasSubstr("start = \"a.png\""));
  EXPECT_THAT(text, HasSubstr("prompts = [{ image = \"b.png\" }, "
                              "{ video = \"c.mp4\", at = \"2.5s\", weight = 0.5 }]"));
}

TEST(SceneTextTest, OfMomentsOfClipsReadsBack) {
  const std::string clip = LATENTREEL_SOURCE_DIR "/examples/meadow.mp4";
  const auto moment = [&](const std::string& at) {
    return "{ video = \"" + clip + "\", at = " + at + " }";
  };
  const auto scene = parse_scene("[optimize]\nstart = " + moment("\"1:02.5\"") +
                                     "\nexclude = " + moment("\"10/3s\"") +
                                     "\n[[keyframe]]\nprompts = [" + moment("0") + "]\n",
                                 "film.toml");
  const auto& keyframe = scene.keyframes[0];
  EXPECT_EQ(keyframe.optimize.start, StartKind::image);
  EXPECT_EQ(keyframe.optimize.start_image, (Still{clip, RationalTime(125, 2)}));
  EXPECT_EQ(keyframe.optimize.exclude.at(0).image, (Still{clip, RationalTime(10, 3)}));
  EXPECT_EQ(keyframe.prompts.at(0).image, (Still{clip, RationalTime()}));
  EXPECT_EQ(still_name(keyframe.optimize.start_image), "meadow.mp4 at 62.5s");
  // Beside the clip, whose folder the text does not tell.
  const auto beside = std::filesystem::path(clip).parent_path() / "film.toml";
  expect_same(scene, parse_scene(scene_text(scene), beside));
}

}  // namespace
}  // namespace latentreel::scenes
