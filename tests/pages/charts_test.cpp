#include "src/pages/charts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "tests/pages/html.h"

namespace latentreel::report {
namespace {

using testing::count_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::tag_mistake;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

LineChart two_lines() {
  LineChart chart;
  chart.id = "test";
  chart.title = "Two lines";
  chart.description = "One falls, one has a gap.";
  chart.x_label = "iteration";
  chart.y_label = "loss";
  chart.series = {{.name = "falls", .x = {0, 1, 2}, .y = {3, 2, 1}, .color = 1},
                  {.name = "gap", .x = {0, 1, 2}, .y = {1, kNan, 2}, .color = 2}};
  return chart;
}

TEST(Ticks, AreRoundAndWithinTheRange) {
  EXPECT_THAT(ticks(0, 10, 5), ElementsAre(0, 2, 4, 6, 8, 10));
  const auto small = ticks(0.613, 0.748, 5);
  ASSERT_EQ(small.size(), 2u);
  EXPECT_NEAR(small[0], 0.65, 1e-9);
  EXPECT_NEAR(small[1], 0.70, 1e-9);
  EXPECT_THAT(ticks(-3, 3, 3), ElementsAre(-2, 0, 2));
}

TEST(Ticks, OfWholeNumbersAndOfClocks) {
  EXPECT_THAT(ticks(0, 3, 8, Axis::whole), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(ticks(0, 200, 8, Axis::time), ElementsAre(0, 30, 60, 90, 120, 150, 180));
  EXPECT_THAT(ticks(0, 4.5, 8, Axis::time), ElementsAre(0, 1, 2, 3, 4));
}

TEST(Ticks, OfNothingAreNone) {
  EXPECT_TRUE(ticks(1, 1, 5).empty());
  EXPECT_TRUE(ticks(kNan, 1, 5).empty());
  EXPECT_TRUE(ticks(0, std::numeric_limits<double>::infinity(), 5).empty());
}

TEST(Thin, KeepsThePeaks) {
  std::vector<double> x, y;
  for (int i = 0; i < 1000; ++i) {
    x.push_back(i);
    y.push_back(i == 567 ? 9 : i == 300 ? kNan : 1);
  }
  thin(x, y, 100);
  EXPECT_EQ(x.size(), 100u);
  EXPECT_EQ(y[56], 9);
  EXPECT_EQ(x[56], 567);
  EXPECT_EQ(y[30], 1);  // not what is no number
  thin(x, y, 100);
  EXPECT_EQ(x.size(), 100u);
}

TEST(LineChart, IsWellFormedNamedAndSaysWhatItShows) {
  const auto out = svg(two_lines());
  EXPECT_EQ(tag_mistake(out), "");
  EXPECT_THAT(out, HasSubstr("aria-labelledby=\"test-t test-d\""));
  EXPECT_THAT(out, HasSubstr("<title id=\"test-t\">Two lines</title>"));
  EXPECT_THAT(out, HasSubstr("<desc id=\"test-d\">One falls, one has a gap.</desc>"));
  EXPECT_THAT(out, HasSubstr(">falls</text>"));
  EXPECT_THAT(out, HasSubstr(">iteration</text>"));
  EXPECT_THAT(out, Not(HasSubstr("nan")));
}

TEST(LineChart, LiftsThePenOverAGap) {
  const auto out = svg(two_lines());
  const auto begin = out.find("class=\"line s2\" d=\"") + 19;
  const auto path = out.substr(begin, out.find('"', begin) - begin);
  EXPECT_EQ(count_of(path, "M"), 2u);
  EXPECT_EQ(count_of(path, "h0.1"), 2u);  // both of its points stand alone
}

TEST(LineChart, HoldsNothingAtAllWithoutFalling) {
  LineChart chart = two_lines();
  chart.series.clear();
  EXPECT_EQ(tag_mistake(svg(chart)), "");
  chart.series = {{.name = "flat", .x = {4, 4}, .y = {0, 0}}};
  EXPECT_THAT(svg(chart), Not(HasSubstr("nan")));
  chart.series = {{.name = "gone", .x = {0, 1}, .y = {kNan, kNan}}};
  EXPECT_THAT(svg(chart), Not(HasSubstr("nan")));
}

TEST(LineChart, EscapesEveryText) {
  const std::string evil = "</svg><script>x</script>\"'";
  LineChart chart = two_lines();
  chart.id = chart.title = chart.description = chart.x_label = chart.y_label = evil;
  chart.series[0].name = chart.ribbon_label = evil;
  chart.marks = {{.from = 1, .until = 1.5, .label = evil}};
  chart.ribbon = {{.from = 0, .until = 2, .color = 1, .label = evil}};
  EXPECT_EQ(tag_mistake(svg(chart)), "");
}

TEST(LineChart, KeepsLabelsApart) {
  LineChart chart = two_lines();
  chart.series.clear();
  for (int i = 0; i < 6; ++i) {
    chart.series.push_back({.name = std::string("line ") + std::to_string(i),
                            .x = {0, 1},
                            .y = {0, 1},
                            .color = i + 1});
  }
  const auto out = svg(chart);
  std::vector<double> y;
  for (auto at = out.find("class=\"name\""); at != out.npos;
       at = out.find("class=\"name\"", at + 1)) {
    y.push_back(std::stod(out.substr(out.find(" y=\"", at) + 4)));
  }
  ASSERT_EQ(y.size(), 6u);
  std::sort(y.begin(), y.end());
  for (std::size_t i = 1; i < y.size(); ++i) EXPECT_GE(y[i] - y[i - 1], 15);
}

TEST(RowChart, HasARowForEachAndDrawsWinnersStrong) {
  RowChart chart{.id = "rows",
                 .title = "Rows",
                 .description = "Two.",
                 .x = {0, 1, 2},
                 .x_range = {0, 3},
                 .rows = {{.label = "a <b>", .y = {0.2, 0.3, 0.1}, .strong = {true, true, false}},
                          {.label = "c", .y = {0.1, 0.1, 0.2}, .strong = {false, false, false}}}};
  const auto out = svg(chart);
  EXPECT_EQ(tag_mistake(out), "");
  EXPECT_EQ(count_of(out, "class=\"row\""), 2u);
  EXPECT_EQ(count_of(out, "line s1 strong"), 1u);
  EXPECT_THAT(out, HasSubstr(">a &lt;b&gt;</text>"));
}

}  // namespace
}  // namespace latentreel::report
