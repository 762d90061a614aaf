#include "scenes/signal.h"

#include <gtest/gtest.h>

namespace latentreel::scenes {
namespace {

TEST(Signal, IsExactOnItsValuesAndBlendsBetweenThem) {
  const Signal signal = {.start = 1.0, .step = 0.5, .values = {0.0F, 1.0F, 0.5F}};
  EXPECT_EQ(signal.at(1.0), 0.0);
  EXPECT_EQ(signal.at(1.5), 1.0);
  EXPECT_EQ(signal.at(2.0), 0.5);
  EXPECT_DOUBLE_EQ(signal.at(1.25), 0.5);
  EXPECT_DOUBLE_EQ(signal.at(1.75), 0.75);
}

TEST(Signal, IsSilentOutsideTheSong) {
  const Signal signal = {.start = 0.0, .step = 1.0, .values = {1.0F, 1.0F}};
  EXPECT_EQ(signal.at(-0.001), 0.0);
  EXPECT_EQ(signal.at(1.001), 0.0);
  EXPECT_EQ(Signal{}.at(0.0), 0.0);
}

}  // namespace
}  // namespace latentreel::scenes
