#include "scenes/scene_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <clocale>
#include <cmath>
#include <locale>
#include <string>

#include "scenes/recipes.h"
#include "tests/scenes/support.h"

namespace latentreel::scenes {
namespace {

using testing::ElementsAre;

Scene parsed(const std::string& text) {
  return parse_scene(text, "film.toml");
}

OptimizeOptions optimized(const std::string& lines) {
  return parsed(with_keyframe("[optimize]\n" + lines)).keyframes.at(0).optimize;
}

TEST(SceneReaderTest, FillsInEveryDefault) {
  const Scene scene =
      parse_scene("[[keyframe]]\nprompt = \"a red apple\"\n", "dir/first-light.toml");
  EXPECT_EQ(scene.file, "dir/first-light.toml");
  EXPECT_EQ(scene.title, "first-light");
  EXPECT_EQ(scene.video.width, 256);
  EXPECT_EQ(scene.video.height, 256);
  EXPECT_EQ(scene.video.output_width, 0);
  EXPECT_EQ(scene.video.fps, (FrameRate{24, 1}));
  EXPECT_EQ(scene.video.codec, Codec::h264);
  EXPECT_FALSE(scene.video.quality);
  EXPECT_FALSE(scene.video.duration);
  EXPECT_TRUE(scene.music.file.empty());
  EXPECT_FALSE(scene.music.bpm);
  EXPECT_EQ(scene.models.vqgan, "tiny");
  ASSERT_EQ(scene.models.clip.size(), 1u);
  EXPECT_EQ(scene.models.clip[0].name, "tiny");
  EXPECT_EQ(scene.interpolate.path, PathKind::spherical);
  EXPECT_EQ(scene.interpolate.easing, Easing::ease_in_out);
  EXPECT_EQ(scene.interpolate.pacing, Pacing::even);
  EXPECT_FALSE(scene.interpolate.loop);
  ASSERT_EQ(scene.keyframes.size(), 1u);
  const Keyframe& keyframe = scene.keyframes[0];
  EXPECT_EQ(keyframe.at, RationalTime());
  EXPECT_EQ(keyframe.hold, RationalTime());
  EXPECT_EQ(keyframe.line, 1);
  EXPECT_THAT(keyframe.prompts, ElementsAre(Prompt{.text = "a red apple"}));
  EXPECT_EQ(keyframe.optimize, recipe("notebook"));
}

TEST(SceneReaderTest, ReadsAllOfVideoAndInterpolate) {
  const Scene scene = parsed(with_keyframe(
      "title = \"First light\"\n[video]\nsize = \"512x288\"\noutput = \"1920x1080\"\n"
      "fps = \"60000/2002\"\ncodec = \"hevc\"\nquality = 20.5\nduration = \"00:00:12.5\"\n"
      "[interpolate]\npath = \"spline\"\neasing = \"smoothstep\"\npacing = \"clock\"\nloop = "
      "true\n"));
  EXPECT_EQ(scene.title, "First light");
  EXPECT_EQ(scene.video.width, 512);
  EXPECT_EQ(scene.video.height, 288);
  EXPECT_EQ(scene.video.output_width, 1920);
  EXPECT_EQ(scene.video.output_height, 1080);
  EXPECT_EQ(scene.video.fps, (FrameRate{30000, 1001}));
  EXPECT_EQ(scene.video.codec, Codec::hevc);
  EXPECT_EQ(scene.video.quality, 20.5);
  EXPECT_EQ(scene.video.duration, RationalTime(25, 2));
  EXPECT_EQ(scene.interpolate.path, PathKind::spline);
  EXPECT_EQ(scene.interpolate.easing, Easing::smoothstep);
  EXPECT_EQ(scene.interpolate.pacing, Pacing::clock);
  EXPECT_TRUE(scene.interpolate.loop);
}

TEST(SceneReaderTest, ReadsFrameRatesAsPeopleWriteThem) {
  const auto fps = [](const std::string& value) {
    return parsed(with_keyframe("[video]\nfps = " + value)).video.fps;
  };
  for (const std::string quote : {"", "\""}) {
    EXPECT_EQ(fps(quote + "23.976" + quote), (FrameRate{24000, 1001}));
    EXPECT_EQ(fps(quote + "23.98" + quote), (FrameRate{24000, 1001}));
    EXPECT_EQ(fps(quote + "29.97" + quote), (FrameRate{30000, 1001}));
    EXPECT_EQ(fps(quote + "59.94" + quote), (FrameRate{60000, 1001}));
    EXPECT_EQ(fps(quote + "119.88" + quote), (FrameRate{120000, 1001}));
    EXPECT_EQ(fps(quote + "12.5" + quote), (FrameRate{25, 2}));
    EXPECT_EQ(fps(quote + "25.0" + quote), (FrameRate{25, 1}));
    EXPECT_EQ(fps(quote + "12.99" + quote), (FrameRate{1299, 100}));
    EXPECT_EQ(fps(quote + "24" + quote), (FrameRate{24, 1}));
  }
  EXPECT_EQ(fps("\"30000 / 1001\""), (FrameRate{30000, 1001}));
}

TEST(SceneReaderTest, ReadsSizesAsPeopleWriteThem) {
  for (const std::string text :
       {"64x48", "64X48", "64*48", "64 x 48", "64 \u00d7 48", " 64\u00d748 "}) {
    const auto video = parsed(with_keyframe("[video]\nsize = \"" + text + "\"")).video;
    EXPECT_EQ(std::pair(video.width, video.height), std::pair(64, 48)) << text;
  }
}

TEST(SceneReaderTest, ReadsSeedsBeyondTheIntegersOfToml) {
  const auto seed = [](const std::string& value) {
    return parse_scene(with_keyframe(""), "film.toml", {{"optimize.seed", value}})
        .keyframes[0]
        .optimize.seed;
  };
  EXPECT_EQ(seed("9223372036854775807"), 9223372036854775807u);
  EXPECT_EQ(seed("9223372036854775808"), 9223372036854775808u);
  EXPECT_EQ(seed("18446744073709551615"), 18446744073709551615u);
  EXPECT_EQ(optimized("seed = \"9223372036854775808\"\n").seed, 9223372036854775808u);
  EXPECT_THAT(mistakes_of(with_keyframe("[optimize]\nseed = \"18446744073709551616\"")),
              testing::HasSubstr("out of range (from 0 to 18446744073709551615)"));
  EXPECT_THAT(mistakes_of(with_keyframe("[optimize]\nseed = 9223372036854775808")),
              testing::HasSubstr("a seed beyond 9223372036854775807 is written between quotes"));
}

TEST(SceneReaderTest, ReadsEveryKeyOfOptimize) {
  const OptimizeOptions o = optimized(
      "recipe = \"article\"\niterations = 50\nextra = [\"paper\", \"ink\"]\n"
      "exclude = [\"blurry\", { text = \"text\", weight = 2 }]\nseed = 9223372036854775807\n"
      "start = \"nearest\"\nstart_weight = 0.2\n"
      "coarse = 2\ncoarse_iterations = 60\nrestarts = 5\ncollage = true\nmatch_weight = "
      "3\ncontrast = 0.9\n"
      "smooth = 0.7\nmask = 0.4\ncycle = 0.5\ncycle_every = 4\nlearning_rate_end = 0.1\n"
      "average = 0.8\nquantize = true\nimage_clamp = \"descent\"\n"
      "cutter = \"crops\"\ncutouts = 16\ncut_power = 0.5\ncut_min = 0.5\ncut_max = 1\nnoise = 0\n"
      "loss = \"spherical\"\ninclude_weight = 2\nexclude_weight = 0.25\nextra_weight = 0.75\n"
      "optimizer = \"rmsprop\"\nlearning_rate = 1e-3\nweight_decay = 0.01\nclamp = true\n"
      "keep = \"last\"\npatience = 30\nprecision = \"bfloat16\"\n"
      "augment = [\"flip\", { name = \"affine\", probability = 0.7, degrees = 15, "
      "translate = [0.0, 0.1], shear = 5, border = \"reflection\", nearest = true },\n"
      "  { name = \"perspective\", scale = 0.3 },\n"
      "  { name = \"jitter\", brightness = 0.1, contrast = 0.2, saturation = 0.3, hue = 0.4 },\n"
      "  { name = \"erase\", area = [0.2, 0.3], ratio = [0.5, 2] },\n"
      "  { name = \"sharpness\", amount = 0.5 }, { name = \"rotate\", degrees = 7 }]\n");
  EXPECT_EQ(o.recipe, "article");
  EXPECT_EQ(o.iterations, 50);
  EXPECT_THAT(o.extra, ElementsAre("paper", "ink"));
  EXPECT_THAT(o.exclude,
              ElementsAre(Prompt{.text = "blurry"}, Prompt{.text = "text", .weight = 2}));
  EXPECT_EQ(o.seed, 9223372036854775807u);
  EXPECT_EQ(o.start, StartKind::nearest);
  EXPECT_EQ(o.start_weight, 0.2);
  EXPECT_EQ(o.coarse, 2);
  EXPECT_EQ(o.coarse_iterations, 60);
  EXPECT_EQ(o.restarts, 5);
  EXPECT_TRUE(o.collage);
  EXPECT_EQ(o.match_weight, 3);
  EXPECT_EQ(o.contrast, 0.9);
  EXPECT_EQ(o.smooth, 0.7);
  EXPECT_EQ(o.mask, 0.4);
  EXPECT_EQ(o.cycle, 0.5);
  EXPECT_EQ(o.cycle_every, 4);
  EXPECT_EQ(o.learning_rate_end, 0.1);
  EXPECT_EQ(o.average, 0.8);
  EXPECT_TRUE(o.quantize);
  EXPECT_EQ(o.image_clamp, ImageClamp::descent);
  EXPECT_EQ(o.cutter, Cutter::crops);
  EXPECT_EQ(o.cutouts, 16);
  EXPECT_EQ(o.cut_power, 0.5);
  EXPECT_EQ(o.cut_min, 0.5);
  EXPECT_EQ(o.cut_max, 1.0);
  EXPECT_EQ(o.noise, 0);
  EXPECT_EQ(o.loss, LossKind::spherical);
  EXPECT_EQ(o.include_weight, 2);
  EXPECT_EQ(o.exclude_weight, 0.25);
  EXPECT_EQ(o.extra_weight, 0.75);
  EXPECT_EQ(o.optimizer, OptimizerKind::rmsprop);
  EXPECT_EQ(o.learning_rate, 1e-3);
  EXPECT_EQ(o.weight_decay, 0.01);
  EXPECT_TRUE(o.clamp);
  EXPECT_EQ(o.keep, Keep::last);
  EXPECT_EQ(o.patience, 30);
  EXPECT_EQ(o.precision, Precision::bfloat16);
  using Kind = Augment::Kind;
  EXPECT_THAT(o.augment, ElementsAre(Augment{.kind = Kind::flip},
                                     Augment{.kind = Kind::affine,
                                             .probability = 0.7,
                                             .degrees = 15,
                                             .translate_x = 0,
                                             .translate_y = 0.1,
                                             .shear = 5,
                                             .border = PaddingMode::reflection,
                                             .nearest = true},
                                     Augment{.kind = Kind::perspective, .scale = 0.3},
                                     Augment{.kind = Kind::jitter,
                                             .brightness = 0.1,
                                             .contrast = 0.2,
                                             .saturation = 0.3,
                                             .hue = 0.4},
                                     Augment{.kind = Kind::erase,
                                             .area_min = 0.2,
                                             .area_max = 0.3,
                                             .ratio_min = 0.5,
                                             .ratio_max = 2},
                                     Augment{.kind = Kind::sharpness, .amount = 0.5},
                                     Augment{.kind = Kind::rotate, .degrees = 7}));
}

TEST(SceneReaderTest, TakesOneNumberOfTranslateForBothAxes) {
  const auto augment = optimized("augment = [{ name = \"affine\", translate = 0.2 }]").augment;
  EXPECT_EQ(augment.at(0).translate_x, 0.2);
  EXPECT_EQ(augment.at(0).translate_y, 0.2);
}

TEST(SceneReaderTest, TakesSingleTextsAndTheEmptyTextForLists) {
  EXPECT_THAT(optimized("extra = \"paper\"").extra, ElementsAre("paper"));
  const auto both = optimized("extra = [\"paper\",\n  \"ink\"]");
  const int first = optimized("extra = \"paper\"").extra_lines.numbers.at(0);
  EXPECT_GT(first, 0);
  EXPECT_THAT(both.extra_lines.numbers, ElementsAre(first, first + 1));
  EXPECT_THAT(optimized("extra = \"\"").extra, ElementsAre());
  EXPECT_THAT(optimized("exclude = \"blurry\"").exclude, ElementsAre(Prompt{.text = "blurry"}));
}

TEST(SceneReaderTest, MergesDefaultsRecipeOptimizeAndKeyframe) {
  const Scene scene = parsed(
      "[optimize]\nrecipe = \"article\"\niterations = 50\nexclude = [\"a\", \"b\"]\nnoise = 0.5\n"
      "[[keyframe]]\nprompt = \"x\"\n"
      "[[keyframe]]\nat = 1\nprompt = \"x\"\nrecipe = \"notebook\"\niterations = 7\n"
      "exclude = [\"c\"]\n"
      "[[keyframe]]\nat = 2\nprompt = \"x\"\nnoise = 0.25\nextra = \"e\"\n");
  const OptimizeOptions& first = scene.keyframes[0].optimize;
  EXPECT_EQ(first.recipe, "article");
  EXPECT_EQ(first.optimizer, OptimizerKind::adamw);  // the recipe
  EXPECT_EQ(first.iterations, 50);                   // [optimize] over the recipe
  EXPECT_EQ(first.noise, 0.5);
  EXPECT_THAT(first.exclude, ElementsAre(Prompt{.text = "a"}, Prompt{.text = "b"}));
  const OptimizeOptions& second = scene.keyframes[1].optimize;
  EXPECT_EQ(second.recipe, "notebook");
  EXPECT_EQ(second.optimizer, OptimizerKind::adam);  // the keyframe's recipe
  EXPECT_EQ(second.iterations, 7);                   // the keyframe over [optimize]
  EXPECT_EQ(second.noise, 0.5);                      // [optimize] over the keyframe's recipe
  EXPECT_THAT(second.exclude, ElementsAre(Prompt{.text = "c"}));  // a list replaces a list
  const OptimizeOptions& third = scene.keyframes[2].optimize;
  EXPECT_EQ(third.noise, 0.25);
  EXPECT_THAT(third.extra, ElementsAre("e"));
  EXPECT_EQ(third.recipe, "article");
}

TEST(SceneReaderTest, ReadsPromptsOfEveryForm) {
  const Scene scene = parsed(
      "[[keyframe]]\nprompts = [\"plain\", { text = \"heavy\", weight = 2, stop = 0.2 },\n"
      "  { text = \"away\", weight = -0.5 }]\n"
      "[[keyframe]]\nat = 1\nprompt = \"\"\"two\nlines: with \\\"all\\\" [kinds] = of # "
      "things\"\"\"\n");
  EXPECT_THAT(
      scene.keyframes[0].prompts,
      ElementsAre(Prompt{.text = "plain"}, Prompt{.text = "heavy", .weight = 2, .stop = 0.2},
                  Prompt{.text = "away", .weight = -0.5}));
  EXPECT_EQ(scene.keyframes[1].prompts[0].text, "two\nlines: with \"all\" [kinds] = of # things");
}

TEST(SceneReaderTest, PutsKeyframesInOrderOfTime) {
  const Scene scene = parsed(
      "[[keyframe]]\nat = 8\nprompt = \"c\"\n[[keyframe]]\nat = 0\nprompt = \"a\"\n"
      "[[keyframe]]\nat = \"frame 96\"\nprompt = \"b\"\n");
  ASSERT_EQ(scene.keyframes.size(), 3u);
  EXPECT_EQ(scene.keyframes[0].prompts[0].text, "a");
  EXPECT_EQ(scene.keyframes[1].prompts[0].text, "b");
  EXPECT_EQ(scene.keyframes[1].at, RationalTime(4, 1));
  EXPECT_EQ(scene.keyframes[1].line, 7);
  EXPECT_EQ(scene.keyframes[2].prompts[0].text, "c");
}

TEST(SceneReaderTest, FirstKeyframeHasNoPreviousOne) {
  const Scene scene = parsed(
      "[optimize]\nstart = \"previous\"\n[[keyframe]]\nprompt = \"a\"\nrecipe = \"article\"\n"
      "[[keyframe]]\nat = 1\nprompt = \"b\"\n");
  EXPECT_EQ(scene.keyframes[0].optimize.start, StartKind::sine);
  EXPECT_EQ(scene.keyframes[1].optimize.start, StartKind::previous);
}

TEST(SceneReaderTest, ReadsUnquotedTimesOfDay) {
  EXPECT_EQ(parsed("[[keyframe]]\nat = 00:01:12.500\nprompt = \"a\"\n").keyframes[0].at,
            RationalTime(145, 2));
}

TEST(SceneReaderTest, AllowsADurationThatEndsAtTheLastKeyframe) {
  EXPECT_EQ(mistakes_of("[video]\nduration = \"4s\"\n[[keyframe]]\nprompt = \"a\"\n"
                        "[[keyframe]]\nat = \"4s\"\nprompt = \"b\"\n"),
            "");
}

TEST(SceneReaderTest, ReadsByteOrderMarksAndWindowsLineEnds) {
  const Scene scene = parsed("\xEF\xBB\xBFtitle = \"x\"\r\n[[keyframe]]\r\nprompt = \"a\"\r\n");
  EXPECT_EQ(scene.title, "x");
  EXPECT_EQ(scene.keyframes[0].line, 2);
}

using ScenePathsTest = FolderTest;

TEST_F(ScenePathsTest, BeginAtTheScenesFolder) {
  write("songs/song.flac", "");
  write("films/moon.png", "");
  write("films/start.jpg", "");
  const auto file = write("films/a.toml",
                          "[music]\nfile = \"../songs/song.flac\"\nfrom = 1\nto = \"bar 3\"\n"
                          "bpm = 118.0\noffset = \"0.37s\"\nbeats_per_bar = 3\n"
                          "[models]\nvqgan = \"nets/vqgan.ckpt\"\n"
                          "clip = [\"ViT-B/32\", { name = \"./RN50.pt\", weight = 0.5 }]\n"
                          "[[keyframe]]\nstart = \"start.jpg\"\n"
                          "prompts = [{ image = \"moon.png\", weight = 0.3 }]\n");
  const Scene scene = read_scene(file);
  EXPECT_EQ(scene.title, "a");
  EXPECT_EQ(scene.music.file, folder_ / "songs/song.flac");
  EXPECT_EQ(scene.music.from, RationalTime(1, 1));
  EXPECT_EQ(scene.music.bpm, RationalTime(118, 1));
  EXPECT_EQ(scene.music.offset, RationalTime(37, 100));
  EXPECT_EQ(scene.music.beats_per_bar, 3);
  EXPECT_EQ(scene.music.to, RationalTime(37, 100) + RationalTime(360, 118));
  EXPECT_EQ(scene.models.vqgan, (folder_ / "films/nets/vqgan.ckpt").string());
  ASSERT_EQ(scene.models.clip.size(), 2u);
  EXPECT_EQ(scene.models.clip[0].name, "ViT-B/32");
  EXPECT_EQ(scene.models.clip[1].name, (folder_ / "films/RN50.pt").string());
  EXPECT_EQ(scene.models.clip[1].weight, 0.5);
  const Keyframe& keyframe = scene.keyframes[0];
  EXPECT_EQ(keyframe.optimize.start, StartKind::image);
  EXPECT_EQ(keyframe.optimize.start_image, Still{.file = folder_ / "films/start.jpg"});
  EXPECT_EQ(keyframe.prompts[0].kind, Prompt::Kind::image);
  EXPECT_EQ(keyframe.prompts[0].image, Still{.file = folder_ / "films/moon.png"});
  EXPECT_EQ(keyframe.prompts[0].weight, 0.3);
}

TEST(SceneReaderTest, PutsBeatsOfAPartOfTheSongWhereTheyAreHeard) {
  // The film begins 4 s into the song: beat 9 at 120 bpm sounds at 4 s.
  const std::string head = "[music]\nbpm = 120\nfile = \"" LATENTREEL_SOURCE_DIR
                           "/CMakeLists.txt\"\nfrom = \"bar 3\"\n[[keyframe]]\nat = ";
  EXPECT_EQ(parsed(head + "\"beat 11\"\nprompt = \"a\"\n").keyframes[0].at, RationalTime(1, 1));
  EXPECT_EQ(mistakes_of(head + "\"beat 5\"\nprompt = \"a\"\n"),
            "film.toml:6:6: at: 2 s before the film begins; it uses the song from 4 s on\n"
            "  at = \"beat 5\"\n"
            "       ^");
}

TEST(SceneReaderTest, PutsKeyframesOnTheirMusicalTimeAtEveryFrameRate) {
  std::string text = "[music]\nbpm = 118.765\noffset = 0.37\n";
  for (int bar = 1; bar <= 200; ++bar) {
    text += "[[keyframe]]\nat = \"bar " + std::to_string(bar) + "\"\nprompt = \"a\"\n";
  }
  for (const std::string fps : {"24", "\"30000/1001\"", "60", "\"24000/1001\""}) {
    const Scene scene = parsed("[video]\nfps = " + fps + "\n" + text);
    for (int bar = 1; bar <= 200; ++bar) {
      const RationalTime at = scene.keyframes[static_cast<std::size_t>(bar) - 1].at;
      EXPECT_EQ(at, RationalTime(37, 100) + RationalTime(240'000LL * (bar - 1), 118'765));
    }
  }
}

// A locale with a decimal comma and points between thousands.
class CommaNumbers : public std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

TEST(SceneReaderTest, KnowsNoLocale) {
  const std::string text = with_keyframe(
      "[video]\nquality = 60.5\nduration = \"1000.25s\"\nfps = 25.5\n[music]\nbpm = 118.5\n");
  const std::string before = mistakes_of(text);
  const std::locale old =
      std::locale::global(std::locale(std::locale::classic(), new CommaNumbers));
  const std::string old_c = std::setlocale(LC_ALL, nullptr);
  for (const char* name : {"de_DE.UTF-8", "de_DE.utf8", "de_DE"}) {
    if (std::setlocale(LC_ALL, name) != nullptr) break;
  }
  const std::string after = mistakes_of(text);
  const OptimizeOptions options = optimized("learning_rate = 0.125\nnoise = 2.5e-1");
  std::setlocale(LC_ALL, old_c.c_str());
  std::locale::global(old);
  EXPECT_EQ(before, after);
  EXPECT_EQ(after,
            "film.toml:2:11: quality: 60.5 is out of range (from 0 to 51)\n"
            "  quality = 60.5\n"
            "            ^");
  EXPECT_EQ(options.learning_rate, 0.125);
  EXPECT_EQ(options.noise, 0.25);
}

}  // namespace
}  // namespace latentreel::scenes
