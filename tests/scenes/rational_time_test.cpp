#include "scenes/rational_time.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <stdexcept>

namespace latentreel::scenes {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();

TEST(RationalTimeTest, IsKeptInLowestTerms) {
  const RationalTime time(6, -4);
  EXPECT_EQ(time.numerator(), -3);
  EXPECT_EQ(time.denominator(), 2);
  EXPECT_EQ(RationalTime(0, -7), RationalTime());
  EXPECT_EQ(RationalTime(0, -7).denominator(), 1);
}

TEST(RationalTimeTest, RefusesADenominatorOfZero) {
  EXPECT_THROW(RationalTime(1, 0), std::domain_error);
  EXPECT_THROW(RationalTime(1, 2) / RationalTime(), std::domain_error);
}

TEST(RationalTimeTest, ReadsSecondsAsTheDecimalThatAPersonWouldWrite) {
  EXPECT_EQ(RationalTime::from_seconds(0.37), RationalTime(37, 100));
  EXPECT_EQ(RationalTime::from_seconds(-12.5), RationalTime(-25, 2));
  EXPECT_EQ(RationalTime::from_seconds(0.1), RationalTime(1, 10));
  EXPECT_EQ(RationalTime::from_seconds(1e9), RationalTime(1'000'000'000, 1));
  EXPECT_EQ(RationalTime::from_seconds(120), RationalTime(120, 1));
  EXPECT_EQ(RationalTime::from_seconds(0), RationalTime());
  EXPECT_EQ(RationalTime::from_seconds(1e-300), RationalTime());
  EXPECT_EQ(RationalTime::from_seconds(2.5e-7), RationalTime(1, 4'000'000));
}

TEST(RationalTimeTest, FromSecondsAndBackIsTheSameNumber) {
  for (double seconds = 1e-6; seconds < 1e9; seconds *= 1.7320508075688772) {
    const double back = RationalTime::from_seconds(seconds).to_seconds();
    EXPECT_NEAR(back, seconds, seconds * 1e-15 + 1e-18);
  }
}

TEST(RationalTimeTest, RefusesSecondsThatAreNoTime) {
  for (const double seconds : {std::nan(""), HUGE_VAL, -HUGE_VAL, 1.1e9, -1e300}) {
    EXPECT_THROW(RationalTime::from_seconds(seconds), std::domain_error) << seconds;
  }
}

TEST(RationalTimeTest, CalculatesExactly) {
  const RationalTime third(1, 3);
  const RationalTime half(1, 2);
  EXPECT_EQ(third + half, RationalTime(5, 6));
  EXPECT_EQ(third - half, RationalTime(-1, 6));
  EXPECT_EQ(third * half, RationalTime(1, 6));
  EXPECT_EQ(third / half, RationalTime(2, 3));
  EXPECT_LT(third, half);
  EXPECT_GT(RationalTime(-1, 3), RationalTime(-1, 2));
  EXPECT_EQ(RationalTime(2, 6) <=> third, std::strong_ordering::equal);
}

TEST(RationalTimeTest, ComparesTheLargestAndFinestWithoutOverflow) {
  EXPECT_LT(RationalTime(kMost - 1, kMost), RationalTime(kMost, kMost - 1));
  EXPECT_LT(RationalTime(kLeast, 1), RationalTime(kMost, 1));
}

TEST(RationalTimeTest, GoesThrough128BitsAndSaysWhereTheResultDoesNotFit) {
  EXPECT_EQ(RationalTime(kMost, 3) * RationalTime(3, kMost), RationalTime(1, 1));
  EXPECT_EQ(RationalTime(kMost, 2) + RationalTime(-kMost, 2), RationalTime());
  EXPECT_THROW(RationalTime(kMost, 1) + RationalTime(1, 1), std::overflow_error);
  EXPECT_THROW(RationalTime(kMost, 1) * RationalTime(2, 1), std::overflow_error);
  EXPECT_THROW(RationalTime(1, kMost) * RationalTime(1, 2), std::overflow_error);
  EXPECT_THROW(RationalTime(kLeast, -1), std::overflow_error);
  EXPECT_EQ(RationalTime(kLeast, 2).numerator(), kLeast / 2);
}

TEST(NearestFrameTest, RoundsTiesUpwards) {
  const FrameRate fps{24, 1};
  EXPECT_EQ(nearest_frame({1, 48}, fps), 1);
  EXPECT_EQ(nearest_frame({-1, 48}, fps), 0);
  EXPECT_EQ(nearest_frame({-3, 48}, fps), -1);
  EXPECT_EQ(nearest_frame({47, 2400}, fps), 0);
  EXPECT_EQ(nearest_frame({4, 1}, fps), 96);
  EXPECT_THROW(nearest_frame({kMost, 1}, fps), std::overflow_error);
}

TEST(NearestFrameTest, IsNeverOffByMoreThanHalfAFrame) {
  for (const FrameRate fps : {FrameRate{24, 1}, FrameRate{30000, 1001}, FrameRate{25, 2},
                              FrameRate{240, 1}, FrameRate{24000, 1001}}) {
    for (std::int64_t i = 0; i < 5000; ++i) {
      const RationalTime time(i * 7919 + 13, 4409);
      const RationalTime error = time_of_frame(nearest_frame(time, fps), fps) - time;
      const RationalTime half(fps.denominator, 2 * fps.numerator);
      EXPECT_LE(error, half);
      EXPECT_GT(error, RationalTime() - half - RationalTime(1, 1'000'000));
    }
  }
}

TEST(FramesToCoverTest, IsTheSmallestNumberThatReachesTheTime) {
  const FrameRate ntsc{30000, 1001};
  EXPECT_EQ(frames_to_cover({12, 1}, {24, 1}), 288);
  EXPECT_EQ(frames_to_cover({12, 1}, ntsc), 360);
  EXPECT_EQ(frames_to_cover({1001, 100}, ntsc), 300);
  EXPECT_EQ(frames_to_cover({}, ntsc), 0);
  EXPECT_EQ(frames_to_cover({1, 1'000'000}, ntsc), 1);
  for (std::int64_t i = 1; i < 3000; ++i) {
    const RationalTime time(i * 31, 97);
    const std::int64_t frames = frames_to_cover(time, ntsc);
    EXPECT_GE(time_of_frame(frames, ntsc), time);
    EXPECT_LT(time_of_frame(frames - 1, ntsc), time);
  }
}

TEST(ParseDecimalTest, ReadsDecimalsAndNothingElse) {
  EXPECT_EQ(parse_decimal("12.5"), RationalTime(25, 2));
  EXPECT_EQ(parse_decimal("-3"), RationalTime(-3, 1));
  EXPECT_EQ(parse_decimal(".5"), RationalTime(1, 2));
  EXPECT_EQ(parse_decimal("5."), RationalTime(5, 1));
  EXPECT_EQ(parse_decimal("007"), RationalTime(7, 1));
  EXPECT_EQ(parse_decimal("1000000000"), RationalTime(1'000'000'000, 1));
  for (const char* text : {"", ".", "-", "1,5", "1e3", "1.2.3", " 1", "nan", "inf", "0x10", "--1",
                           "1000000001", "99999999999999999999999999999999999999999999"}) {
    EXPECT_EQ(parse_decimal(text), std::nullopt) << text;
  }
}

TEST(ParseDecimalTest, RoundsBeyondTheDecimalsAskedFor) {
  EXPECT_EQ(parse_decimal("0.1234565", 6), RationalTime(123457, 1'000'000));
  EXPECT_EQ(parse_decimal("0.1234564", 6), RationalTime(123456, 1'000'000));
  EXPECT_EQ(parse_decimal("-0.0000005", 6), RationalTime(-1, 1'000'000));
  EXPECT_EQ(parse_decimal("0.9999999", 6), RationalTime(1, 1));
  EXPECT_EQ(parse_decimal("0.0000000000000000000000001"), RationalTime());
}

TEST(ExactDecimalTest, WritesWhatParseDecimalReads) {
  EXPECT_EQ(exact_decimal({25, 2}), "12.5");
  EXPECT_EQ(exact_decimal({-1, 4}), "-0.25");
  EXPECT_EQ(exact_decimal({4, 1}), "4");
  EXPECT_EQ(exact_decimal({1, 3}), std::nullopt);
  for (std::int64_t i = -2000; i < 2000; ++i) {
    const RationalTime time(i * 977, 1'000'000);
    EXPECT_EQ(parse_decimal(exact_decimal(time).value()), time);
  }
}

TEST(FormatSecondsTest, RoundsToMilliseconds) {
  EXPECT_EQ(format_seconds({25, 2}), "12.5 s");
  EXPECT_EQ(format_seconds({1, 3}), "0.333 s");
  EXPECT_EQ(format_seconds({4, 1}), "4 s");
  EXPECT_EQ(format_seconds({-1, 2}), "-0.5 s");
  EXPECT_EQ(format_seconds({1, 100'000}), "0 s");
}

}  // namespace
}  // namespace latentreel::scenes
