#include "src/pages/markup.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace latentreel::report {
namespace {

TEST(Escape, LeavesNothingThatMeansSomething) {
  EXPECT_EQ(escape("<script>alert('a & \"b\"')</script>"),
            "&lt;script&gt;alert(&#39;a &amp; &quot;b&quot;&#39;)&lt;/script&gt;");
  EXPECT_EQ(escape("Größe 月 🎈"), "Größe 月 🎈");
}

TEST(Escape, ReplacesWhatIsNoText) {
  EXPECT_EQ(escape(std::string("a\0b\x1b"
                               "c\x7f",
                               6)),
            "a\uFFFDb\uFFFDc\uFFFD");
  EXPECT_EQ(escape("\xff\xc0\xaf"), "\uFFFD\uFFFD\uFFFD");  // never valid, overlong
  EXPECT_EQ(escape("\xed\xa0\x80"), "\uFFFD\uFFFD\uFFFD");  // a surrogate
  EXPECT_EQ(escape("ok\xe6\x9c"), "ok\uFFFD\uFFFD");        // cut in the middle
}

TEST(Elide, CountsColumnsAndCutsWholeCharacters) {
  EXPECT_EQ(elide("a red apple", 11), "a red apple");
  EXPECT_EQ(elide("a red apple", 10), "a red app…");
  EXPECT_EQ(elide("a red apple", 7), "a red…");
  EXPECT_EQ(elide("月月月月", 8), "月月月月");
  EXPECT_EQ(elide("月月月月", 7), "月月月…");
  EXPECT_EQ(elide("", 3), "");
}

TEST(Base64, IsThatOfTheStandard) {
  const auto of = [](std::string_view text) {
    return base64(std::vector<std::uint8_t>(text.begin(), text.end()));
  };
  EXPECT_EQ(of(""), "");
  EXPECT_EQ(of("f"), "Zg==");
  EXPECT_EQ(of("fo"), "Zm8=");
  EXPECT_EQ(of("foo"), "Zm9v");
  EXPECT_EQ(of("foobar"), "Zm9vYmFy");
  EXPECT_EQ(of("\xff\xfe\xfd"), "//79");
}

TEST(Numbers, HaveAboutThreeDigits) {
  EXPECT_EQ(number(0.31249), "0.312");
  EXPECT_EQ(number(-1.2345), "-1.23");
  EXPECT_EQ(number(12.345), "12.3");
  EXPECT_EQ(number(1234.5), "1234");
  EXPECT_EQ(number(-0.00001), "0");
  EXPECT_EQ(number(std::numeric_limits<double>::quiet_NaN()), "not a number");
}

TEST(Numbers, DurationsAndCountsAreForPeople) {
  EXPECT_EQ(duration(0.043), "0.04 s");
  EXPECT_EQ(duration(4.54), "4.5 s");
  EXPECT_EQ(duration(59.97), "1 min 00 s");
  EXPECT_EQ(duration(125), "2 min 05 s");
  EXPECT_EQ(duration(3720), "1 h 02 min");
  EXPECT_EQ(count(1, "frame"), "1 frame");
  EXPECT_EQ(count(0, "frame"), "0 frames");
}

}  // namespace
}  // namespace latentreel::report
