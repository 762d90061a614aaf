#include "src/files/sizes.h"

#include <gtest/gtest.h>

namespace latentreel::files {
namespace {

TEST(Sizes, HaveTwoOrThreeDigits) {
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(512), "512 B");
  EXPECT_EQ(format_bytes(3400), "3.4 kB");
  EXPECT_EQ(format_bytes(345e6), "345 MB");
  EXPECT_EQ(format_bytes(1.24e9), "1.2 GB");
  EXPECT_EQ(format_bytes(5e15), "5000 TB");
}

TEST(Sizes, AreRoundedIntoTheNextUnit) {
  EXPECT_EQ(format_bytes(9.96e6), "10 MB");
  EXPECT_EQ(format_bytes(999'700), "1.0 MB");
}

}  // namespace
}  // namespace latentreel::files
