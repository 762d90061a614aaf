#include "scenes/scene_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string_view>

#include "scenes/mistakes.h"

namespace latentreel::scenes {
namespace {

using namespace std::string_view_literals;
using testing::HasSubstr;

TEST(DiagnosticTest, ShowsPlaceLineCaretAndHint) {
  const Diagnostic diagnostic{.file = "film.toml",
                              .line = 12,
                              .column = 3,
                              .message = "unknown key \"fsp\" in [video]",
                              .source_line = "\tä fsp = 24",
                              .hint = "did you mean \"fps\"?"};
  EXPECT_EQ(diagnostic.text(),
            "film.toml:12:3: unknown key \"fsp\" in [video]\n"
            "   ä fsp = 24\n"
            "    ^ did you mean \"fps\"?");
}

TEST(DiagnosticTest, WithoutAPlaceIsOneLine) {
  EXPECT_EQ((Diagnostic{.file = "a.toml", .message = "it is gone"}.text()), "a.toml: it is gone");
  EXPECT_EQ((Diagnostic{.message = "it is gone", .hint = "look again"}.text()),
            "it is gone, look again");
  EXPECT_EQ((Diagnostic{.file = "a.toml", .line = 3, .message = "late"}.text()), "a.toml:3: late");
}

TEST(DiagnosticTest, OfAnOverrideBeginsWithIt) {
  const Diagnostic diagnostic{.file = "a.toml",
                              .message = "unknown key",
                              .hint = "did you mean \"b\"?",
                              .override_text = "--set a=1"};
  EXPECT_EQ(diagnostic.text(), "--set a=1: unknown key, did you mean \"b\"?");
}

TEST(DiagnosticTest, ShowsControlCharactersEscaped) {
  const Diagnostic diagnostic{.file = "a.toml",
                              .line = 1,
                              .column = 4,
                              .message = "bad \x1b[31m red",
                              .source_line = "x\x1b\xFFy"};
  EXPECT_EQ(diagnostic.text(),
            "a.toml:1:4: bad \\u001B[31m red\n"
            "  x\\u001B\\xFFy\n"
            "             ^");
}

TEST(DiagnosticTest, CutsLongLinesAroundTheCaret) {
  Diagnostic diagnostic{.file = "a.toml", .line = 1, .column = 5000, .message = "wrong"};
  diagnostic.source_line = std::string(4999, 'a') + "X" + std::string(4000, 'b');
  const std::string text = diagnostic.text();
  EXPECT_LT(text.size(), 300u);
  EXPECT_THAT(text, HasSubstr("aaaXbbb"));
  const auto first = text.find('\n');
  const auto second = text.find('\n', first + 1);
  const std::string line = text.substr(first + 1, second - first - 1);
  EXPECT_EQ(text.find('^', second) - second - 1, line.find('X'));
}

TEST(PrintableTest, IsSafeToPrint) {
  EXPECT_EQ(printable("a\nb\tc\r\x7F\xC2\x9B"
                      "31m"),
            "a\\nb\\tc\\r\\u007F\\u009B31m");
  EXPECT_EQ(printable("\xC3\xA4\xE4\xB8\xAD"), "\xC3\xA4\xE4\xB8\xAD");
  EXPECT_EQ(printable("\xFF\xC3"), "\\xFF\\xC3");
  EXPECT_EQ(printable("abcdef", 3), "abc...");
}

TEST(SceneErrorTest, TellsAllTexts) {
  const SceneError error(SceneError::Kind::invalid, {{.file = "a.toml", .message = "one"},
                                                     {.file = "a.toml", .message = "two"}});
  EXPECT_STREQ(error.what(), "a.toml: one\na.toml: two");
}

TEST(NearestWordTest, FindsSlipsOfTheFinger) {
  constexpr std::array kWords = {"fps"sv, "size"sv, "codec"sv, "beats_per_bar"sv, "iterations"sv};
  EXPECT_EQ(nearest_word("fsp", kWords), "fps");
  EXPECT_EQ(nearest_word("FPS", kWords), "fps");
  EXPECT_EQ(nearest_word("iteratons", kWords), "iterations");
  EXPECT_EQ(nearest_word("iteration", kWords), "iterations");
  EXPECT_EQ(nearest_word("beats-per-bar", kWords), "beats_per_bar");
  EXPECT_EQ(nearest_word("colour", kWords), "");
  EXPECT_EQ(nearest_word("", kWords), "");
  EXPECT_EQ(nearest_word(std::string(100'000, 'a'), kWords), "");
}

TEST(LineOfTest, FindsLinesOfAnyKind) {
  EXPECT_EQ(line_of("a\r\nb\n\nd", 1), "a");
  EXPECT_EQ(line_of("a\r\nb\n\nd", 2), "b");
  EXPECT_EQ(line_of("a\r\nb\n\nd", 3), "");
  EXPECT_EQ(line_of("a\r\nb\n\nd", 4), "d");
  EXPECT_EQ(line_of("a", 9), "");
  EXPECT_EQ(line_of("\xEF\xBB\xBF"
                    "a",
                    1),
            "a");
}

}  // namespace
}  // namespace latentreel::scenes
