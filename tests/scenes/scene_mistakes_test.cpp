// The full text of what a scene file's mistakes look like, letter by letter.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/parameter_name.h"
#include "tests/scenes/mistake_cases.h"
#include "tests/scenes/support.h"
#include "tests/variable.h"

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
            "film.toml:3:8: size: expected a string such as \"256x256\", found the integer 256\n"
            "  size = 256\n"
            "         ^ write \"256x256\"\n"
            "film.toml:4:1: unknown key \"fsp\" in [video]\n"
            "  fsp = 24\n"
            "  ^ did you mean \"fps\"?\n"
            "film.toml:5:9: codec: \"h246\" is not one of h264, hevc, av1, prores and ffv1\n"
            "  codec = \"h246\"\n"
            "          ^ did you mean \"h264\"?\n"
            "film.toml:6:11: quality: 60 is out of range (from 0 to 51)\n"
            "  quality = 60\n"
            "            ^\n"
            "film.toml:8:1: unknown key \"promt\" in [[keyframe]]\n"
            "  promt = \"a red apple\"\n"
            "  ^ did you mean \"prompt\"?");
}

class OneMistakeTest : public testing::TestWithParam<MistakeCase> {};

TEST_P(OneMistakeTest, HasThisText) {
  EXPECT_EQ(mistakes_of(with_keyframe(GetParam().lines)), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(Keys, OneMistakeTest, testing::ValuesIn(kKeysMistakes),
                         printed_name<MistakeCase>);
INSTANTIATE_TEST_SUITE_P(Video, OneMistakeTest, testing::ValuesIn(kVideoMistakes),
                         printed_name<MistakeCase>);
INSTANTIATE_TEST_SUITE_P(Music, OneMistakeTest, testing::ValuesIn(kMusicMistakes),
                         printed_name<MistakeCase>);
INSTANTIATE_TEST_SUITE_P(Optimize, OneMistakeTest, testing::ValuesIn(kOptimizeMistakes),
                         printed_name<MistakeCase>);
INSTANTIATE_TEST_SUITE_P(Curves, OneMistakeTest, testing::ValuesIn(kCurveMistakes),
                         printed_name<MistakeCase>);
INSTANTIATE_TEST_SUITE_P(Toml, OneMistakeTest, testing::ValuesIn(kTomlMistakes),
                         printed_name<MistakeCase>);

class WholeFileTest : public testing::TestWithParam<MistakeCase> {};

TEST_P(WholeFileTest, HasThisText) {
  EXPECT_EQ(mistakes_of(GetParam().lines), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(Files, WholeFileTest, testing::ValuesIn(kWholeFiles),
                         printed_name<MistakeCase>);

TEST(SceneMistakesTest, OfPromptsOutOfBounds) {
  EXPECT_THAT(mistakes_of("[[keyframe]]\nprompt = \"" + std::string(5000, 'a') + "\"\n"),
              StartsWith("film.toml:2:10: prompt: the text is longer than 4000 bytes\n"));
  EXPECT_THAT(mistakes_of("[[keyframe]]\nprompts = [{ text = \"a\", weight = inf }]\n"),
              StartsWith("film.toml:2:35: weight: inf is out of range (from -1000 to 1000)\n"));
}

TEST(SceneMistakesTest, OfExpressionsInSeveralLinesStandAtTheirBeginning) {
  EXPECT_THAT(mistakes_of(with_keyframe("[pulse]\namount = \"\"\"\n1 +\nbpm\"\"\"")),
              StartsWith("film.toml:2:10: amount: unknown name \"bpm\"\n"));
  EXPECT_THAT(mistakes_of(with_keyframe("[pulse]\namount = \"1\\t+ bpm\"")),
              StartsWith("film.toml:2:10: amount: unknown name \"bpm\"\n"));
}

TEST(SceneMistakesTest, OfExpressionsInOverridesNameTheOverride) {
  EXPECT_THAT(
      mistakes_of(with_keyframe(""), {{"pulse.amount", "1 + brat"}}),
      StartsWith(
          "--set pulse.amount=1 + brat: amount: unknown name \"brat\", did you mean \"beat\"?"));
}

TEST(SceneMistakesTest, DoesNotComplainAboutWhatOnlyFollows) {
  EXPECT_EQ(mistakes_of(with_keyframe("[music]\nbpm = 0\n[picture]\nbrightness = \"beat\"\n"
                                      "contrast = [[\"bar 2\", 1]]")),
            "film.toml:2:7: bpm: 0 is out of range (above 0 to 1000)\n"
            "  bpm = 0\n"
            "        ^");
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
      "         ^ paths in a scene are relative to the scene's folder\n"
      "FILE:4:9: there is no picture \"FOLDER/a/b.png\"\n"
      "  start = \"a/b.png\"\n"
      "          ^ paths in a scene are relative to the scene's folder\n"
      "FILE:6:22: there is no picture \"FOLDER/moon.png\"\n"
      "  prompts = [{ image = \"moon.png\" }]\n"
      "                       ^ paths in a scene are relative to the scene's folder";
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

TEST_F(MissingFilesTest, AddressesOnTheWebAreNone) {
  const auto said = [](const std::string& lines) { return mistakes_of(with_keyframe(lines)); };
  EXPECT_EQ(said("[optimize]\nstart = \"https://example.org/a.png\""),
            "film.toml:2:9: start: \"https://example.org/a.png\" is not a file of this machine\n"
            "  start = \"https://example.org/a.png\"\n"
            "          ^ download the picture beside the scene and write its file's name");
  EXPECT_THAT(said("[music]\nfile = \"http://example.org/song.mp3\""),
              HasSubstr("download the song beside the scene"));
  EXPECT_THAT(said("[models]\nvqgan = \"https://example.org/last.ckpt\""),
              HasSubstr("latentreel models import FILE"));
  EXPECT_THAT(said("[optimize]\nstart = \"file:///tmp/a.png\""), HasSubstr("write \"/tmp/a.png\""));
}

TEST_F(MissingFilesTest, ATildeIsTheHomeFolder) {
  const Variable home("HOME", folder_.string());
  write("a.png", "");
  const auto scene =
      parse_scene(with_keyframe("[optimize]\nstart = \"~/a.png\"\n[models]\nvqgan = \"~/model\""),
                  "elsewhere/film.toml");
  EXPECT_EQ(scene.keyframes[0].optimize.start_image, Still{.file = folder_ / "a.png"});
  EXPECT_EQ(scene.models.vqgan, (folder_ / "model").string());
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
                HasSubstr("offset: belongs to bpm; with beats, the file says when beat 1 sounds"));
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
