#include "scenes/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <locale>
#include <string>
#include <utility>
#include <vector>

#include "scenes/expression_scan.h"

namespace latentreel::scenes {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<std::string_view> kVariables = {"t", "beat", "kick"};

// With t = 3, beat = 2.5 and kick = 0.25.
double value_of(const std::string& text) {
  Expression expression(text, kVariables);
  std::vector<double> values;
  for (const std::string& name : expression.variables()) {
    values.push_back(name == "t" ? 3 : name == "beat" ? 2.5 : 0.25);
  }
  return expression.at(values);
}

TEST(ExpressionTest, ComputesByTheUsualPrecedence) {
  const std::vector<std::pair<const char*, double>> cases = {
      {"1", 1},
      {".5", 0.5},
      {"2e-3", 0.002},
      {"1.", 1},
      {"t", 3},
      {"1 + 2 * t", 7},
      {"(1 + 2) * t", 9},
      {"t - 1 - 1", 1},
      {"12 / t / 2", 2},
      {"-t", -3},
      {"+t", 3},
      {"-2 ^ 2", -4},
      {"(-2) ^ 2", 4},
      {"2 ^ -1", 0.5},
      {"2 ^ 3 ^ 2", 512},
      {"2 * -t", -6},
      {"2 - -t", 5},
      {"2--t", 5},
      {"-t * 2", -6},
      {"7 % 3", 1},
      {"-1 % 4", 3},
      {"1 - 7 % 4", -2},
      {"t < 4", 1},
      {"t > 4", 0},
      {"t <= 3", 1},
      {"t >= 3", 1},
      {"t == 3", 1},
      {"t != 3", 0},
      {"1 + (t < 4)", 2},
      {"1 + 2 < 4", 1},
      {"t < 4 && beat > 2", 1},
      {"t < 4 && beat > 3", 0},
      {"t > 4 || beat > 2 && kick > 0", 1},
      {"0 && 0 || 1", 1},
      {"5 && 3", 1},
      {"t > 2 ? 10 : 20", 10},
      {"t > 4 ? 10 : 20", 20},
      {"t > 4 ? 10 : t > 3.5 ? 20 : 30", 30},
      {"t > 2 ? t > 2.5 ? 1 : 2 : 3", 1},
      {"t > 2 ? -1 : +1", -1},
      {"(t > 4 ? 10 : 20) + 1", 21},
      {"t > 4 ? 10 : 20 + 1", 21},
      {"min(t > 4 ? 10 : 20, 15)", 15},
      {"min(t > 2 ? 10 : 20, t > 4 ? 1 : 2, 30)", 2},
      {"max(1, min(5, t), 2)", 3},
      {"min(-t, -2)", -3},
      {"clamp(t, 0, 1)", 1},
      {"clamp(-t, 0, 1)", 0},
      {"clamp (kick, 0, 1)", 0.25},
      {"lerp(10, 20, kick)", 12.5},
      {"smoothstep(2, 4, t)", 0.5},
      {"smoothstep(4, 5, t)", 0},
      {"smoothstep(4, 2, t)", 0.5},
      {"smoothstep(3, 3, t)", 1},
      {"sin(0)", 0},
      {"cos(0)", 1},
      {"sin(t) * sin(t) + cos(t) * cos(t)", 1},
      {"\n1\t+\n2 ", 3},
  };
  for (const auto& [text, value] : cases) EXPECT_DOUBLE_EQ(value_of(text), value) << text;
}

TEST(ExpressionTest, NamesEachVariableOnce) {
  EXPECT_THAT(Expression("kick + t * kick", kVariables).variables(), ElementsAre("kick", "t"));
}

TEST(ExpressionTest, SaysWhereThereIsNoNumber) {
  for (const char* text : {"1 / 0", "t / (t - 3)", "-1 / 0", "0 / 0", "(-1) ^ 0.5", "9 ^ 999",
                           "t % 0", "max(1, 0 / 0)", "max(0 / 0, 1)", "min(0 / 0, 1)",
                           "clamp(0 / 0, 0, 1)", "clamp(1, 0, 0 / 0)", "smoothstep(0, 1, 0 / 0)",
                           "lerp(0, 1, 0 / 0)", "noise(0, 1 / 0)", "noise(0 / 0, 1)"}) {
    EXPECT_FALSE(std::isfinite(value_of(text))) << text;
  }
}

TEST(ExpressionTest, ReadsPointsInAnyLocale) {
  struct Comma : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\3"; }
  };
  const std::locale before = std::locale::global(std::locale(std::locale(), new Comma));
  const double value = value_of("1.5 + 1234.25");
  std::locale::global(before);
  EXPECT_EQ(value, 1235.75);
}

// Films are compared across machines: the noise is the same on all.
TEST(ExpressionTest, NoiseIsPinned) {
  EXPECT_EQ(value_of("noise(0, 0)"), 0.30489697274806438);
  EXPECT_EQ(value_of("noise(7, -1.25)"), -0.1715691105749233);
}

TEST(ExpressionTest, NoiseIsSmoothAndWithinItsRange) {
  Expression noise("noise(kick, t)", kVariables);
  const auto at = [&](double seed, double x) { return noise.at(std::vector{seed, x}); };
  double least = 1, most = -1;
  for (int i = -2000; i < 2000; ++i) {
    const double value = at(3, i / 10.0), next = at(3, (i + 1) / 10.0);
    least = std::min(least, value);
    most = std::max(most, value);
    EXPECT_LT(std::abs(next - value), 0.31) << i;  // of 2, at most 1.5 times as steep as a line
  }
  EXPECT_GE(least, -1);
  EXPECT_LT(least, -0.9);
  EXPECT_LE(most, 1);
  EXPECT_GT(most, 0.9);
  EXPECT_NE(at(3, 5), at(4, 5));
  EXPECT_EQ(at(0.0, 5), at(-0.0, 5));
  EXPECT_TRUE(std::isfinite(at(1e300, -1e300)));
}

// What is wrong with `text`, as "OFFSET: MESSAGE | HINT".
std::string mistake_of(const std::string& text) {
  const auto scanned = scan_expression(text, kVariables);
  if (!scanned.mistake) return {};
  return std::to_string(scanned.mistake->offset) + ": " + scanned.mistake->message + " | " +
         scanned.mistake->hint;
}

TEST(ExpressionScanTest, SaysWhatIsWrongAndWhere) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"", "0: the expression is empty"},
      {" \n", "0: the expression is empty"},
      {"1 +", "3: the expression ends where a value has to follow"},
      {"1 + * 2", "4: a value is missing before \"*\""},
      {"* 2", "0: a value is missing before \"*\""},
      {"--t", "1: a value is missing before \"-\""},
      {"t - + - t", "6: a value is missing before \"-\""},
      {"2 t", "2: an operator is missing before \"t\""},
      {"t (1)", "0: \"t\" is not a function | a product is written t * (...)"},
      {"(1) (2)", "4: an operator is missing before \"(\""},
      {"(1) sin(2)", "4: an operator is missing before \"sin(\""},
      {"2kick", "0: \"2kick\" is not a number"},
      {"0x10", "0: \"0x10\" is not a number"},
      {"1.2.3", "0: \"1.2.3\" is not a number"},
      {"1e", "0: \"1e\" is not a number"},
      {"1e999", "0: \"1e999\" is not a number"},
      {".", "0: \".\" is not a number"},
      {"1 + kik", "4: unknown name \"kik\" | did you mean \"kick\"?"},
      {"bat + 1", "0: unknown name \"bat\" | did you mean \"beat\"?"},
      {"sinn(t)", "0: unknown name \"sinn\" | did you mean \"sin\"?"},
      {"exp(t)",
       "0: unknown name \"exp\" | known names are t, beat, kick, sin, cos, min, max, "
       "clamp, lerp, smoothstep and noise; [signals] can define others"},
      {"rnd()", "0: unknown name \"rnd\""},
      {"_pi", "0: \"_\" is no sign of an expression"},
      {"sin", "0: \"sin\" is a function: its values stand in parentheses"},
      {"sin t", "0: \"sin\" is a function: its values stand in parentheses"},
      {"sin()", "4: a value is missing before \")\""},
      {"min(1)", "0: min takes at least 2 values, not 1"},
      {"1 + clamp(t, 1)", "4: clamp takes 3 values, not 2"},
      {"sin(1, 2)", "0: sin takes 1 values, not 2"},
      {"min(1,,2)", "6: a value is missing before \",\""},
      {"min(1,)", "6: a value is missing before \")\""},
      {"1, 2",
       "1: a comma stands only between a function's values | decimals are written with a "
       "point: 0.5"},
      {"(1, 2)", "2: a comma stands only between"},
      {"min((1, 2), 3)", "6: a comma stands only between"},
      {"(1", "0: this parenthesis is never closed"},
      {"1 + min(1, 2", "4: this parenthesis is never closed"},
      {"1)", "1: this parenthesis was never opened"},
      {"()", "1: a value is missing before \")\""},
      {"t = 1",
       "2: \"=\" is no sign of an expression | whether two values are equal is written =="},
      {"t & 1", "2: \"&\" is no sign of an expression | \"and\" is written &&"},
      {"t | 1", "2: \"|\" is no sign of an expression | \"or\" is written ||"},
      {"!t", "0: \"!\" is no sign of an expression | \"not\" is written as in kick == 0"},
      {"\"a\"", "0: \"\"\" is no sign of an expression"},
      {"t; 1", "1: \";\" is no sign of an expression"},
      {"t # 1", "2: \"#\" is no sign of an expression"},
      {"t \xC3\x97 2", "2: \"\xC3\x97\" is no sign of an expression"},
      {"1 < t < 3", "6: a second comparison, \"<\", of the same value | write a < b && b < c"},
      {"1 < t == 1", "6: a second comparison"},
      {"t ? 1", "5: a choice without \":\""},
      {"(t ? 1) : 2", "6: a choice without \":\""},
      {"min(t ? 1, 2)", "9: a choice without \":\""},
      {"t : 1", "2: \":\" without a \"?\""},
      {"t ? : 1", "4: a value is missing before \":\""},
  };
  for (const auto& [text, mistake] : cases) EXPECT_THAT(mistake_of(text), HasSubstr(mistake));
}

TEST(ExpressionScanTest, BoundsLengthAndDepth) {
  EXPECT_EQ(mistake_of("1" + std::string(kMaxExpressionBytes - 1, ' ')), "");
  EXPECT_THAT(mistake_of("1" + std::string(kMaxExpressionBytes, ' ')),
              HasSubstr("0: the expression is longer than 1000 characters"));
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '(') + "1" +
           std::string(static_cast<std::size_t>(depth), ')');
  };
  EXPECT_EQ(mistake_of(nested(kMaxExpressionDepth)), "");
  EXPECT_EQ(value_of(nested(kMaxExpressionDepth)), 1);
  EXPECT_THAT(mistake_of(nested(kMaxExpressionDepth + 1)),
              HasSubstr("50: the expression is nested more than 50 deep"));
  const auto choices = [](int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += "t<0?" + std::to_string(i) + ":";
    return text + "77";
  };
  EXPECT_EQ(value_of(choices(kMaxExpressionDepth)), 77);
  EXPECT_THAT(mistake_of(choices(kMaxExpressionDepth + 1)), HasSubstr("nested more than 50 deep"));
}

TEST(ExpressionScanTest, AllowsAComparisonAfterAnotherPart) {
  for (const char* text : {"1 < t && t < 3", "(1 < t) == (t < 3)", "1 < t ? t < 3 : t < 2",
                           "min(1 < t, t < 3)", "1 < t || t < 3"}) {
    EXPECT_EQ(mistake_of(text), "") << text;
    value_of(text);
  }
}

TEST(ExpressionScanTest, SaysWhereVariablesAre) {
  const auto scanned = scan_expression("1 + kick*t", kVariables);
  ASSERT_EQ(scanned.uses.size(), 2u);
  EXPECT_EQ(scanned.uses[0].name, "kick");
  EXPECT_EQ(scanned.uses[0].offset, 4u);
  EXPECT_EQ(scanned.uses[1].offset, 9u);
}

}  // namespace
}  // namespace latentreel::scenes
