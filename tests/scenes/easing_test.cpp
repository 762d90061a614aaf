#include "scenes/easing.h"

#include <gtest/gtest.h>

#include <limits>

#include "scenes/enum_names.h"

namespace latentreel::scenes {
namespace {

TEST(EaseTest, IsExactAtTheEndsAndNeverFalls) {
  for (const auto& [name, easing] : EnumNames<Easing>::kNames) {
    SCOPED_TRACE(name);
    EXPECT_EQ(ease(easing, 0.0), 0.0);
    EXPECT_EQ(ease(easing, 1.0), 1.0);
    double before = 0.0;
    for (int i = 0; i <= 10'000; ++i) {
      const double now = ease(easing, i / 10'000.0);
      EXPECT_GE(now, before) << i;
      EXPECT_LE(now, 1.0) << i;
      before = now;
    }
  }
}

TEST(EaseTest, TakesValuesOutsideAsTheNearerEnd) {
  for (const auto& [name, easing] : EnumNames<Easing>::kNames) {
    EXPECT_EQ(ease(easing, -0.5), 0.0) << name;
    EXPECT_EQ(ease(easing, 1.5), 1.0) << name;
  }
}

TEST(EaseTest, FollowsItsFormulas) {
  EXPECT_EQ(ease(Easing::linear, 0.25), 0.25);
  EXPECT_EQ(ease(Easing::ease_in, 0.25), 0.0625);
  EXPECT_EQ(ease(Easing::ease_out, 0.25), 0.4375);
  EXPECT_EQ(ease(Easing::ease_in_out, 0.25), 0.125);
  EXPECT_EQ(ease(Easing::ease_in_out, 0.75), 0.875);
  EXPECT_EQ(ease(Easing::smoothstep, 0.25), 0.15625);
  EXPECT_EQ(ease(Easing::smoothstep, 0.75), 0.84375);
}

TEST(EaseTest, IsSymmetricWhereItEasesBothEnds) {
  for (const Easing easing : {Easing::linear, Easing::ease_in_out, Easing::smoothstep}) {
    for (int i = 0; i <= 100; ++i) {
      EXPECT_NEAR(ease(easing, i / 100.0) + ease(easing, 1 - i / 100.0), 1.0, 1e-15);
    }
  }
}

}  // namespace
}  // namespace latentreel::scenes
