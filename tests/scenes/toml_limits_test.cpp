#include "scenes/toml_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "tests/scenes/support.h"

namespace latentreel::scenes {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// Joins with += alone: GCC 12 takes "literal" + std::string for overlapping memory.
std::string joined(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

std::string repeated(std::string_view part, int count) {
  std::string text;
  text.reserve(part.size() * static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) text += part;
  return text;
}

TEST(TomlLimitsTest, StopsDottedKeysBeforeTheParser) {
  EXPECT_EQ(mistakes_of(joined({"a", repeated(".a", 100'000), " = 1\n"})).substr(0, 46),
            "film.toml:1:34: a key with more than 16 dots\n ");
  EXPECT_THAT(mistakes_of(joined({"[a", repeated(".a", 100'000), "]\n"})),
              StartsWith("film.toml:1:35: a key with more than 16 dots\n"));
  EXPECT_THAT(mistakes_of(joined({"\n", repeated("\"a\" . ", 40'000), "b = 1"})),
              StartsWith("film.toml:2:101: a key with more than 16 dots\n"));
  EXPECT_THAT(mistakes_of(joined({"x = { a", repeated(".a", 100'000), " = 1 }"})),
              HasSubstr("a key with more than 16 dots\n"));
}

TEST(TomlLimitsTest, StopsNestingBeforeTheParser) {
  EXPECT_THAT(mistakes_of(joined({"a = ", repeated("[", 100'000)})),
              StartsWith("film.toml:1:21: more than 16 nested brackets\n"));
  EXPECT_THAT(mistakes_of(repeated("[", 100'000)),
              StartsWith("film.toml:1:17: more than 16 nested brackets\n"));
  EXPECT_THAT(mistakes_of(joined({"a = ", repeated("{a=", 80'000)})),
              HasSubstr("more than 16 nested brackets\n"));
  EXPECT_THAT(mistakes_of(joined({"a = \n\"\"\"x\"\"\"\n b = ", repeated("[{a=", 50'000)})),
              HasSubstr("more than 16 nested brackets\n"));
}

TEST(TomlLimitsTest, KnowsStringsAndComments) {
  const std::string dots = repeated(".", 200);
  const std::string brackets = repeated("[{", 200);
  for (const std::string quote : {"\"", "'", "\"\"\"", "'''"}) {
    EXPECT_EQ(mistakes_of(joined(
                  {"[[keyframe]]\nprompt = ", quote, "an apple", dots, brackets, quote, "\n"})),
              "")
        << quote;
  }
  EXPECT_EQ(mistakes_of(with_keyframe(joined({"# it's \"", dots, brackets}))), "");
  EXPECT_EQ(mistakes_of(joined({"[[keyframe]]\nprompt = \"a \\\" ", dots, "\"\n"})), "");
  EXPECT_EQ(mistakes_of("[[keyframe]]\nprompt = \"\"\"a \"\" \"\"\"\"\"\n"), "");
  EXPECT_EQ(mistakes_of(joined({"[[keyframe]]\nprompt = 'a \\'\n# ", dots})), "");
}

TEST(TomlLimitsTest, IsNotFooledAboutWhereAStringEnds) {
  const std::string bomb = repeated("[", 50'000);
  EXPECT_THAT(mistakes_of(joined({"a = \"\"\"x\"\"\"\"\"\nb = ", bomb})), HasSubstr("brackets"));
  EXPECT_THAT(mistakes_of(joined({"a = 'x\\'\nb = ", bomb})), HasSubstr("brackets"));
  EXPECT_THAT(mistakes_of(joined({"a = \"x\\\\\"\nb = ", bomb})), HasSubstr("brackets"));
  EXPECT_THAT(mistakes_of(joined({"a = ''''''\nb = ", bomb})), HasSubstr("brackets"));
  EXPECT_THAT(mistakes_of(joined({"a = \"\"\nb = ", bomb})), HasSubstr("brackets"));
}

TEST(TomlLimitsTest, SaysWhereTheTextIsNotUtf8) {
  EXPECT_EQ(mistakes_of("title = \"x\"\ntitle = \"\xC3\xA4\xFF\"\n"),
            "film.toml:2:11: the text is not UTF-8 from here on\n"
            "  title = \"\xC3\xA4\\xFF\"\n"
            "            ^ save the scene as UTF-8 in your editor");
  for (const std::string bad :
       {"\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE0\x80\x80", "\xF0\x80\x80\x80", "\x80",
        "\xC3", "\xE4\xB8", "\xF5\x80\x80\x80"}) {
    EXPECT_THAT(mistakes_of(joined({"# ", bad, "\n"})),
                StartsWith("film.toml:1:3: the text is not UTF-8"));
    EXPECT_THAT(mistakes_of(joined({"a = '", bad, "'"})),
                StartsWith("film.toml:1:6: the text is not UTF-8"));
    EXPECT_THAT(mistakes_of(bad), StartsWith("film.toml:1:1: the text is not UTF-8"));
  }
  EXPECT_THAT(mistakes_of("\xFF\xFEt"), StartsWith("film.toml:1:1: the text is not UTF-8"));
}

TEST(TomlLimitsTest, KeepsLettersOutsideAsciiBetweenQuotes) {
  EXPECT_EQ(mistakes_of("title = \xE2\x80\x9Cx\xE2\x80\x9D\n"),
            "film.toml:1:9: the character \xE2\x80\x9C (U+201C) stands outside quotes\n"
            "  title = \xE2\x80\x9Cx\xE2\x80\x9D\n"
            "          ^ write straight quotes: \"");
  EXPECT_EQ(mistakes_of("t\xC3\xADtulo = \"x\"\n"),
            "film.toml:1:2: the character \xC3\xAD (U+00ED) stands outside quotes\n"
            "  t\xC3\xADtulo = \"x\"\n"
            "   ^ strings need quotes");
  EXPECT_EQ(mistakes_of(with_keyframe("# \xC3\xAD\ntitle = '\xC3\xAD' # \xC3\xAD")), "");
}

TEST(TomlLimitsTest, WantsQuotesWhereATextCanBegin) {
  EXPECT_EQ(mistakes_of("[[keyframe]]\nprompt = \"a \"red\" apple\"\n"),
            "film.toml:2:17: a quote where no string can begin\n"
            "  prompt = \"a \"red\" apple\"\n"
            "                  ^ a quote inside a string is written \\\"");
  for (const std::string text : {"a = 1'x'", "a = 1987-07-05 'x'", "it's = 1", "a = 'x' 'y'"}) {
    EXPECT_THAT(mistakes_of(text), HasSubstr("a quote where no string can begin"));
  }
  EXPECT_EQ(mistakes_of("\"video\" . 'fps' = 24\nvideo = { }\n").find("quote"), std::string::npos);
}

TEST(TomlLimitsTest, RefusesWhatIsTooLargeForAScene) {
  EXPECT_EQ(mistakes_of(repeated("# comment\n", 100'000)),
            "film.toml: a scene of more than 256 kB, is it a scene?");
  EXPECT_EQ(mistakes_of(with_keyframe(repeated("# comment\n", 25'000))), "");
}

TEST(TomlLimitsTest, NoTextMakesItCrash) {
  const std::string scene =
      "title = \"\xC3\xA4\"\n[video]\nsize = \"64x64\"\nfps = 24\n[music]\nbpm = "
      "118.5\n[optimize]\n"
      "augment = [{ name = \"affine\", translate = [0, 0.1] }]\nexclude = ['a', \"\"\"b\"\"\"]\n"
      "[[keyframe]]\nprompt = \"a red apple\" # it's\n[[keyframe]]\nat = \"bar 3 beat 2\"\n"
      "prompts = [{ text = 'x', weight = -1e1, stop = 0.5 }, \"y\"]\n";
  EXPECT_EQ(mistakes_of(scene), "");
  std::uint32_t state = 1;
  const auto random = [&] { return state = state * 1664525u + 1013904223u, state >> 8; };
  const std::string_view letters = "\"'[]{}=.,#\\\n\r\t -+0123456789abxeu_\x01\x7F\xC3\xA4\xFF";
  for (int round = 0; round < 4000; ++round) {
    std::string broken = scene;
    for (unsigned i = 0; i <= random() % 6; ++i) {
      if (broken.empty()) break;
      const std::size_t place = random() % broken.size();
      const char letter = letters[random() % letters.size()];
      switch (random() % 4) {
        case 0:
          broken[place] = letter;
          break;
        case 1:
          broken.insert(place, 1, letter);
          break;
        case 2:
          broken.erase(place, 1 + random() % 5);
          break;
        default:
          broken.resize(place + 1);
      }
    }
    mistakes_of(broken);  // an error or none, but nothing else
  }
  for (std::size_t size = 0; size < scene.size(); ++size) mistakes_of(scene.substr(0, size));
}

}  // namespace
}  // namespace latentreel::scenes
