// The full text of what a scene file's mistakes look like, letter by letter.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>

#include "support.h"

namespace latentreel::scenes {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(SceneMistakesTest, TellsAllMistakesInOneRunInTheOrderOfTheFile) {
  EXPECT_EQ(mistakes_of("title = \"x\"\n"
                        "[video]\n"
                        "size = 256\n"
                        "fsp = 24\n"
                        "codec = \"h246\"\n"
                        "quality = 60\n"
                        "[[keyframe]]\n"
                        "promt = \"a red apple\"\n"),
            "film.toml:3:8: size: expected a text such as \"256x256\", found the integer 256\n"
            "  size = 256\n"
            "         ^\n"
            "film.toml:4:1: unknown key \"fsp\" in [video]\n"
            "  fsp = 24\n"
            "  ^ did you mean \"fps\"?\n"
            "film.toml:5:9: codec: \"h246\" is none of h264, hevc, av1, prores and ffv1\n"
            "  codec = \"h246\"\n"
            "          ^ did you mean \"h264\"?\n"
            "film.toml:6:11: quality: 60 is out of range (from 0 to 51)\n"
            "  quality = 60\n"
            "            ^\n"
            "film.toml:8:1: unknown key \"promt\" in [[keyframe]]\n"
            "  promt = \"a red apple\"\n"
            "  ^ did you mean \"prompt\"?");
}

// One mistake in a file with one good keyframe at its end.
struct Case {
  const char* lines;
  const char* text;

  // Letters and digits alone: the case's name in lists of tests.
  friend void PrintTo(const Case& shown, std::ostream* stream) {
    for (const char c : std::string_view(shown.lines)) {
      const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      *stream << (plain ? c : '_');
    }
  }
};

class OneMistakeTest : public testing::TestWithParam<Case> {};

TEST_P(OneMistakeTest, HasThisText) {
  EXPECT_EQ(mistakes_of(with_keyframe(GetParam().lines)), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Keys, OneMistakeTest,
    testing::Values(Case{"fps = 24",
                         "film.toml:1:1: unknown key \"fps\" in the scene\n"
                         "  fps = 24\n"
                         "  ^ \"fps\" belongs in [video]"},
                    Case{"[video]\ntitle = \"x\"",
                         "film.toml:2:1: unknown key \"title\" in [video]\n"
                         "  title = \"x\"\n"
                         "  ^ \"title\" belongs above the first [table]"},
                    Case{"[models]\nunet = \"x\"",
                         "film.toml:2:1: unknown key \"unet\" in [models]\n"
                         "  unet = \"x\"\n"
                         "  ^ known are vqgan and clip"},
                    Case{"[viedo]\nfps = 24",
                         "film.toml:1:2: unknown key \"viedo\" in the scene\n"
                         "  [viedo]\n"
                         "   ^ did you mean \"video\"?"},
                    Case{"[optimize]\niteratons = 3",
                         "film.toml:2:1: unknown key \"iteratons\" in [optimize]\n"
                         "  iteratons = 3\n"
                         "  ^ did you mean \"iterations\"?"},
                    Case{"video = 3",
                         "film.toml:1:9: video: expected a table, found the integer 3\n"
                         "  video = 3\n"
                         "          ^ write [video] on a line of its own"},
                    Case{"[[video]]\nfps = 24",
                         "film.toml:1:3: video: expected a table, found a list\n"
                         "  [[video]]\n"
                         "    ^ write [video] on a line of its own"}));

INSTANTIATE_TEST_SUITE_P(
    Video, OneMistakeTest,
    testing::Values(
        Case{"[video]\nsize = \"512\"",
             "film.toml:2:8: size: \"512\" is not WIDTHxHEIGHT\n"
             "  size = \"512\"\n"
             "         ^ write \"256x256\""},
        Case{"[video]\nsize = \"1000000000x16\"",
             "film.toml:2:8: size: 1000000000 is out of range (from 16 to 16384 pixels a side)\n"
             "  size = \"1000000000x16\"\n"
             "         ^"},
        Case{"[video]\noutput = \"511x301\"",
             "film.toml:2:10: output: h264 needs even sides, not 511x301\n"
             "  output = \"511x301\"\n"
             "           ^ write \"512x302\""},
        Case{"[video]\nfps = 0",
             "film.toml:2:7: fps: 0 is out of range (from 1 to 240)\n"
             "  fps = 0\n"
             "        ^"},
        Case{"[video]\nfps = -24",
             "film.toml:2:7: fps: -24 is out of range (from 1 to 240)\n"
             "  fps = -24\n"
             "        ^"},
        Case{"[video]\nfps = \"30000/0\"",
             "film.toml:2:7: fps: 30000/0 is out of range (from 1 to 240)\n"
             "  fps = \"30000/0\"\n"
             "        ^"},
        Case{"[video]\nfps = nan",
             "film.toml:2:7: fps: nan is out of range (from 1 to 240)\n"
             "  fps = nan\n"
             "        ^"},
        Case{"[video]\nfps = 23.976",
             "film.toml:2:7: fps: 23.976 is not exact\n"
             "  fps = 23.976\n"
             "        ^ write \"24000/1001\""},
        Case{"[video]\nfps = 29.97",
             "film.toml:2:7: fps: 29.97 is not exact\n"
             "  fps = 29.97\n"
             "        ^ write \"30000/1001\""},
        Case{"[video]\nfps = 12.5",
             "film.toml:2:7: fps: 12.5 is not exact\n"
             "  fps = 12.5\n"
             "        ^ write \"25/2\""},
        Case{"[video]\nfps = 25.0",
             "film.toml:2:7: fps: 25 is not exact\n"
             "  fps = 25.0\n"
             "        ^ write 25"},
        Case{"[video]\nfps = \"59.94\"",
             "film.toml:2:7: fps: \"59.94\" is not a frame rate\n"
             "  fps = \"59.94\"\n"
             "        ^ write \"60000/1001\""},
        Case{"[video]\nfps = true",
             "film.toml:2:7: fps: expected an integer or a fraction such as 24 or \"30000/1001\", "
             "found true\n"
             "  fps = true\n"
             "        ^"},
        Case{"[video]\ncodec = \"h265\"",
             "film.toml:2:9: codec: \"h265\" is known as hevc\n"
             "  codec = \"h265\"\n"
             "          ^ write \"hevc\""},
        Case{"[video]\ncodec = \"prores\"\nquality = 17",
             "film.toml:3:11: quality: prores has none to choose, its profile fixes it\n"
             "  quality = 17\n"
             "            ^ leave quality out, or choose h264, hevc or av1"},
        Case{"[video]\ncodec = \"ffv1\"\nquality = 17",
             "film.toml:3:11: quality: ffv1 has none to choose, it is lossless\n"
             "  quality = 17\n"
             "            ^ leave quality out, or choose h264, hevc or av1"},
        Case{"[video]\nduration = \"0s\"",
             "film.toml:2:12: duration: must be above 0\n"
             "  duration = \"0s\"\n"
             "             ^"},
        Case{"[video]\nduration = 500000",
             "film.toml:2:12: duration: 500000 s is more than 10000000 frames\n"
             "  duration = 500000\n"
             "             ^"}));

INSTANTIATE_TEST_SUITE_P(
    Music, OneMistakeTest,
    testing::Values(
        Case{"[music]\nbpm = 0",
             "film.toml:2:7: bpm: 0 is out of range (above 0 to 1000)\n"
             "  bpm = 0\n"
             "        ^"},
        Case{"[music]\nbpm = nan",
             "film.toml:2:7: bpm: nan is out of range (above 0 to 1000)\n"
             "  bpm = nan\n"
             "        ^"},
        Case{"[music]\nbpm = 120\noffset = \"beat 3\"",
             "film.toml:3:10: offset: expected seconds such as \"0.37s\", found the text \"beat "
             "3\"\n"
             "  offset = \"beat 3\"\n"
             "           ^"},
        Case{"[music]\nfrom = \"3s\"",
             "film.toml:2:8: a part of a song, but no song\n"
             "  from = \"3s\"\n"
             "         ^ set file in [music]"},
        Case{"[music]\nfile = \"\"",
             "film.toml:2:8: file: the file name is empty\n"
             "  file = \"\"\n"
             "         ^"},
        Case{"[music]\nbeats_per_bar = 3.5",
             "film.toml:2:17: beats_per_bar: expected an integer such as 4, found the number 3.5\n"
             "  beats_per_bar = 3.5\n"
             "                  ^"}));

INSTANTIATE_TEST_SUITE_P(
    Optimize, OneMistakeTest,
    testing::Values(
        Case{"[optimize]\nseed = -1",
             "film.toml:2:8: seed: -1 is out of range (from 0)\n"
             "  seed = -1\n"
             "         ^"},
        Case{"[optimize]\nrecipe = \"notebok\"",
             "film.toml:2:10: recipe: \"notebok\" is none of notebook, article, picture-book and "
             "clean\n"
             "  recipe = \"notebok\"\n"
             "           ^ did you mean \"notebook\"?"},
        Case{"[optimize]\nstart = \"previus\"",
             "film.toml:2:9: start: \"previus\" is none of random, sine, previous and nearest, and "
             "no image file\n"
             "  start = \"previus\"\n"
             "          ^ did you mean \"previous\"?"},
        Case{"[optimize]\nquantize = 1",
             "film.toml:2:12: quantize: expected true or false, found the integer 1\n"
             "  quantize = 1\n"
             "             ^"},
        Case{"[optimize]\nlearning_rate = 0",
             "film.toml:2:17: learning_rate: 0 is out of range (above 0 to 100)\n"
             "  learning_rate = 0\n"
             "                  ^"},
        Case{"[optimize]\ncut_min = 0.8\ncut_max = 0.5",
             "film.toml:2:1: cut_min 0.8 is above cut_max 0.5\n"
             "  cut_min = 0.8\n"
             "  ^"},
        Case{"[optimize]\naugment = { name = \"flip\" }",
             "film.toml:2:11: augment: expected a list of tables such as "
             "[{ name = \"flip\", probability = 0.5 }], found a table\n"
             "  augment = { name = \"flip\" }\n"
             "            ^"},
        Case{"[optimize]\naugment = [{ name = \"afine\" }]",
             "film.toml:2:21: name: \"afine\" is none of flip, affine, perspective, jitter, erase, "
             "sharpness and rotate\n"
             "  augment = [{ name = \"afine\" }]\n"
             "                      ^ did you mean \"affine\"?"},
        Case{"[optimize]\naugment = [{ name = \"flip\", degrees = 3 }]",
             "film.toml:2:29: unknown key \"degrees\" in the augment step \"flip\"\n"
             "  augment = [{ name = \"flip\", degrees = 3 }]\n"
             "                              ^ known are name and probability"},
        Case{"[optimize]\naugment = [{ name = \"erase\", area = [0.4, 0.1] }]",
             "film.toml:2:37: area: the first number must not be above the second\n"
             "  augment = [{ name = \"erase\", area = [0.4, 0.1] }]\n"
             "                                      ^"},
        Case{
            "[optimize]\naugment = [{ name = \"affine\", translate = [0.1] }]",
            "film.toml:2:43: translate: expected a list of two numbers such as [0.1, 0.1], found a "
            "list\n"
            "  augment = [{ name = \"affine\", translate = [0.1] }]\n"
            "                                            ^"},
        Case{"[interpolate]\nloop = true",
             "film.toml:2:8: loop: needs to know when the film is back at its first keyframe\n"
             "  loop = true\n"
             "         ^ set duration in [video]"}));

INSTANTIATE_TEST_SUITE_P(
    Toml, OneMistakeTest,
    testing::Values(
        Case{"[video]\ncodec = h264",
             "film.toml:2:9: not valid TOML (value): could not determine value type\n"
             "  codec = h264\n"
             "          ^ texts stand between quotes, as in \"h264\""},
        Case{"[video]\nduration = 4s",
             "film.toml:2:13: not valid TOML (decimal integer): expected digit, saw 's'\n"
             "  duration = 4s\n"
             "              ^ times, sizes and fractions stand between quotes"},
        Case{"title = \"x",
             "film.toml:1:11: not valid TOML (string): unescaped control characters other than TAB "
             "(U+0009) are explicitly prohibited\n"
             "  title = \"x\n"
             "            ^ is the closing quote missing?"},
        Case{"[optimize]\naugment = [{ name = \"flip\",\n  probability = 1 }]",
             "film.toml:2:28: not valid TOML (inline table): expected key or closing '}', saw "
             "'\\n'\n"
             "  augment = [{ name = \"flip\",\n"
             "                             ^ a table in braces keeps to one line"},
        Case{"title = \"x\"\ntitle = \"y\"",
             "film.toml:2:9: not valid TOML (key-value pair): cannot redefine existing string "
             "'title'\n"
             "  title = \"y\"\n"
             "          ^"}));

TEST(SceneMistakesTest, NeedsKeyframes) {
  EXPECT_EQ(mistakes_of("title = \"x\"\n\n"),
            "film.toml:1:1: the scene has no keyframes\n"
            "  title = \"x\"\n"
            "  ^ add [[keyframe]] and below it prompt = \"a red apple\"");
  EXPECT_EQ(mistakes_of(""),
            "film.toml:1:1: the scene has no keyframes\n"
            "\n"
            "  ^ add [[keyframe]] and below it prompt = \"a red apple\"");
  EXPECT_EQ(mistakes_of("[keyframe]\nprompt = \"a\"\n"),
            "film.toml:1:2: keyframe: expected a list of tables, found one table\n"
            "  [keyframe]\n"
            "   ^ write [[keyframe]] with two brackets");
  EXPECT_EQ(mistakes_of("[[keyframes]]\nprompt = \"a\"\n"),
            "film.toml:1:3: unknown key \"keyframes\" in the scene\n"
            "  [[keyframes]]\n"
            "    ^ did you mean \"keyframe\"?");
}

TEST(SceneMistakesTest, OfPrompts) {
  EXPECT_EQ(mistakes_of("[[keyframe]]\n"),
            "film.toml:1:1: a keyframe without a prompt\n"
            "  [[keyframe]]\n"
            "  ^ write prompt = \"a red apple\"");
  EXPECT_EQ(mistakes_of("[[keyframe]]\nprompt = \" \"\n"),
            "film.toml:2:10: prompt: the text is empty\n"
            "  prompt = \" \"\n"
            "           ^ say what the picture shows");
  EXPECT_EQ(mistakes_of("[[keyframe]]\nprompt = \"a\\u001Bb\"\n"),
            "film.toml:2:10: prompt: the text holds the control character U+001B\n"
            "  prompt = \"a\\u001Bb\"\n"
            "           ^ remove it");
  EXPECT_EQ(mistakes_of("[[keyframe]]\nprompt = [\"a\", \"b\"]\n"),
            "film.toml:2:10: prompt: expected a text, found a list\n"
            "  prompt = [\"a\", \"b\"]\n"
            "           ^ several prompts are written prompts = [...]");
  EXPECT_EQ(mistakes_of("[[keyframe]]\nprompt = \"a\"\nprompts = [\"b\"]\n"),
            "film.toml:3:1: a keyframe with both prompt and prompts\n"
            "  prompts = [\"b\"]\n"
            "  ^ put the one prompt into the list of prompts");
  EXPECT_EQ(mistakes_of("[[keyframe]]\nprompts = [{ weight = 3 }]\n"),
            "film.toml:2:12: prompts: a table needs either text or image\n"
            "  prompts = [{ weight = 3 }]\n"
            "             ^ write { text = \"a red apple\", weight = 1.0 }");
  EXPECT_EQ(mistakes_of("[[keyframe]]\nprompts = [{ text = \"a\", weigth = 3 }]\n"),
            "film.toml:2:26: unknown key \"weigth\" in a table of prompts\n"
            "  prompts = [{ text = \"a\", weigth = 3 }]\n"
            "                           ^ did you mean \"weight\"?");
  EXPECT_EQ(mistakes_of("[[keyframe]]\nprompts = []\n"),
            "film.toml:2:11: prompts: the list is empty\n"
            "  prompts = []\n"
            "            ^ write prompts = [\"a red apple\"]");
  EXPECT_THAT(mistakes_of("[[keyframe]]\nprompt = \"" + std::string(5000, 'a') + "\"\n"),
              StartsWith("film.toml:2:10: prompt: the text is longer than 4000 bytes\n"));
  EXPECT_THAT(mistakes_of("[[keyframe]]\nprompts = [{ text = \"a\", weight = inf }]\n"),
              StartsWith("film.toml:2:35: weight: inf is out of range (from -1000 to 1000)\n"));
}

TEST(SceneMistakesTest, OfTimes) {
  EXPECT_EQ(mistakes_of("[[keyframe]]\nprompt = \"a\"\n[[keyframe]]\nprompt = \"b\"\n"),
            "film.toml:3:1: a keyframe without a time\n"
            "  [[keyframe]]\n"
            "  ^ write at = \"4s\"; only the first may leave it out");
  EXPECT_EQ(mistakes_of("[[keyframe]]\nprompt = \"a\"\n"
                        "[[keyframe]]\nat = \"0.01s\"\nprompt = \"b\"\n"),
            "film.toml:4:6: two keyframes on frame 0 (0 s)\n"
            "  at = \"0.01s\"\n"
            "       ^ the other is on line 1");
  EXPECT_EQ(mistakes_of("[[keyframe]]\nat = \"bar 9\"\nprompt = \"a\"\n"),
            "film.toml:2:6: at: \"bar 9\" needs a tempo\n"
            "  at = \"bar 9\"\n"
            "       ^ set bpm in [music], or beats to a label file");
  EXPECT_EQ(mistakes_of("[[keyframe]]\nat = true\nprompt = \"a\"\n"),
            "film.toml:2:6: at: expected a time such as \"4s\", found true\n"
            "  at = true\n"
            "       ^");
  EXPECT_EQ(mistakes_of("[[keyframe]]\nat = -1\nprompt = \"a\"\n"),
            "film.toml:2:6: at: -1 is out of range (from 0 to 1000000000)\n"
            "  at = -1\n"
            "       ^");
  EXPECT_EQ(mistakes_of("[video]\nduration = \"3s\"\n[[keyframe]]\nprompt = \"a\"\n"
                        "[[keyframe]]\nat = 4\nprompt = \"b\"\n"),
            "film.toml:2:12: duration: the film ends at 3 s, before its last keyframe at 4 s\n"
            "  duration = \"3s\"\n"
            "             ^ that keyframe is on line 5");
  EXPECT_EQ(mistakes_of("[[keyframe]]\nhold = \"4s\"\nprompt = \"a\"\n"
                        "[[keyframe]]\nat = 4\nprompt = \"b\"\n"),
            "film.toml:2:8: hold: lasts until 4 s, but the next keyframe is at 4 s\n"
            "  hold = \"4s\"\n"
            "         ^ for a cut without change write hold = \"frame 95\"");
  EXPECT_EQ(mistakes_of("[music]\nbpm = 120\n[[keyframe]]\nprompt = \"a\"\nhold = \"beat 2\"\n"),
            "film.toml:5:8: hold: is a length, not a place in the music\n"
            "  hold = \"beat 2\"\n"
            "         ^ write \"1s\" or \"frame 24\"");
  EXPECT_EQ(mistakes_of("[[keyframe]]\nat = 500000\nprompt = \"a\"\n"),
            "film.toml:2:6: a keyframe at 500000 s ends beyond 10000000 frames\n"
            "  at = 500000\n"
            "       ^");
  EXPECT_EQ(mistakes_of("[interpolate]\nloop = true\n[video]\nduration = \"4s\"\n"
                        "[[keyframe]]\nprompt = \"a\"\n[[keyframe]]\nat = 4\nprompt = \"b\"\n"),
            "film.toml:2:8: loop: no time is left for the way back after 4 s\n"
            "  loop = true\n"
            "         ^ set a longer duration in [video]");
}

TEST(SceneMistakesTest, DoesNotComplainAboutWhatOnlyFollows) {
  EXPECT_EQ(mistakes_of("[music]\nbpm = 0\n[[keyframe]]\nat = \"bar 9\"\nprompt = \"a\"\n"),
            "film.toml:2:7: bpm: 0 is out of range (above 0 to 1000)\n"
            "  bpm = 0\n"
            "        ^");
  EXPECT_EQ(mistakes_of("[video]\nfps = 0\nduration = \"2s\"\n[[keyframe]]\nprompt = \"a\"\n"
                        "[[keyframe]]\nat = \"frame 1\"\nprompt = \"b\"\n"),
            "film.toml:2:7: fps: 0 is out of range (from 1 to 240)\n"
            "  fps = 0\n"
            "        ^");
}

TEST(SceneMistakesTest, CapsTheNumberOfKeyframesAndOfMistakes) {
  std::string many;
  for (int i = 0; i < 10'001; ++i) many += "[[keyframe]]\nat=1\n";
  EXPECT_THAT(mistakes_of(many), StartsWith("film.toml:1:1: more than 10000 keyframes\n"));
  std::string wrong = with_keyframe("");
  for (int i = 0; i < 5000; ++i) {
    wrong += 'x';
    wrong += std::to_string(i);
    wrong += " = 1\n";
  }
  try {
    parse_scene(wrong, "film.toml");
    FAIL();
  } catch (const SceneError& error) {
    EXPECT_EQ(error.diagnostics().size(), 101u);
    EXPECT_EQ(error.diagnostics().back().text(), "film.toml: 4900 more mistakes");
  }
}

using MissingFilesTest = FolderTest;

TEST_F(MissingFilesTest, AreAKindOfTheirOwnWhenNothingElseIsWrong) {
  const std::string good =
      "[music]\nfile = \"song.wav\"\n[optimize]\nstart = \"a/b.png\"\n"
      "[[keyframe]]\nprompts = [{ image = \"moon.png\" }]\n";
  const auto file = write("film.toml", good);
  const auto kind_and_text = [&](const std::string& text) {
    try {
      parse_scene(text, file);
    } catch (const SceneError& error) {
      return std::pair(error.kind(), std::string(error.what()));
    }
    return std::pair(SceneError::Kind::unreadable, std::string());
  };
  const auto [kind, text] = kind_and_text(good);
  EXPECT_EQ(kind, SceneError::Kind::missing);
  std::string expected =
      "FILE:2:8: there is no song \"FOLDER/song.wav\"\n"
      "  file = \"song.wav\"\n"
      "         ^ paths in a scene begin at the scene's folder\n"
      "FILE:4:9: there is no picture \"FOLDER/a/b.png\"\n"
      "  start = \"a/b.png\"\n"
      "          ^ paths in a scene begin at the scene's folder\n"
      "FILE:6:22: there is no picture \"FOLDER/moon.png\"\n"
      "  prompts = [{ image = \"moon.png\" }]\n"
      "                       ^ paths in a scene begin at the scene's folder";
  const auto put = [&](std::string_view word, const std::string& value) {
    for (auto i = expected.find(word); i != std::string::npos; i = expected.find(word)) {
      expected.replace(i, word.size(), value);
    }
  };
  put("FILE", file.string());
  put("FOLDER", folder_.string());
  EXPECT_EQ(text, expected);
  EXPECT_EQ(kind_and_text(good + "x = 1\n").first, SceneError::Kind::invalid);
  write("song.wav", "");
  write("a/b.png", "");
  write("moon.png", "");
  EXPECT_EQ(kind_and_text(good).second, "");
  std::filesystem::remove(folder_ / "moon.png");
  std::filesystem::create_directory(folder_ / "moon.png");
  EXPECT_THAT(kind_and_text(good).second, HasSubstr("moon.png\" is a folder"));
}

TEST_F(MissingFilesTest, LabelFilesAreReadAndTheirMistakesTold) {
  const std::string text =
      "[music]\nbeats = \"beats.txt\"\n[[keyframe]]\nprompt = \"a\"\n"
      "[[keyframe]]\nat = \"beat 3.5\"\nprompt = \"b\"\n";
  const auto file = folder_ / "film.toml";
  try {
    parse_scene(text, file);
    FAIL();
  } catch (const SceneError& error) {
    EXPECT_EQ(error.kind(), SceneError::Kind::missing);
    EXPECT_EQ(error.diagnostics().size(), 1u);
    EXPECT_EQ(error.diagnostics()[0].line, 2);
  }
  write("beats.txt", "0.5\t0.5\t\noops\n");
  try {
    parse_scene(text, file);
    FAIL();
  } catch (const SceneError& error) {
    EXPECT_EQ(error.kind(), SceneError::Kind::invalid);
    EXPECT_THAT(error.what(), StartsWith((folder_ / "beats.txt").string() + ":2:1: the label's"));
  }
  write("beats.txt", "0.5\t0.5\t\n1\t1\t\n2\t2\t\n");
  EXPECT_EQ(parse_scene(text, file).keyframes[1].at, RationalTime(5, 2));
  try {
    parse_scene("[music]\noffset = 1\nbeats = \"beats.txt\"\n[[keyframe]]\nprompt = \"a\"\n", file);
    FAIL();
  } catch (const SceneError& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("offset: belongs to bpm; with beats, beat 1 is the first label"));
  }
}

TEST_F(MissingFilesTest, TheSceneItself) {
  const auto kind_of = [](const std::filesystem::path& file) {
    try {
      read_scene(file);
    } catch (const SceneError& error) {
      return error.kind();
    }
    return SceneError::Kind::invalid;
  };
  EXPECT_EQ(kind_of(folder_ / "none.toml"), SceneError::Kind::missing);
  EXPECT_EQ(kind_of(folder_), SceneError::Kind::unreadable);
  try {
    read_scene("no/such.toml");
    FAIL();
  } catch (const SceneError& error) {
    EXPECT_STREQ(error.what(), "no/such.toml: there is no such scene file");
  }
}

}  // namespace
}  // namespace latentreel::scenes
