#include "src/run/counter_rng.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

namespace latentreel::render {
namespace {

using Block = std::array<std::uint32_t, 4>;

// Known answers that come with Random123 (tests/kat_vectors, philox4x32 with 10 rounds).
TEST(Philox, GivesThePublishedKnownAnswers) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(CounterRng, SameAddressSameNumbersOtherAddressOthers) {
  const RandomKey key{.content = 12, .seed = 7};
  std::set<std::uint64_t> seen;
  EXPECT_EQ(CounterRng(key, 3, 4, 5).seed(), CounterRng(key, 3, 4, 5).seed());
  seen.insert(CounterRng(key, 3, 4, 5).seed());
  seen.insert(CounterRng(key, 4, 4, 5).seed());
  seen.insert(CounterRng(key, 3, 5, 5).seed());
  seen.insert(CounterRng(key, 3, 4, 6).seed());
  seen.insert(CounterRng(key, 3, CounterRng::kShared, 5).seed());
  seen.insert(CounterRng({.content = 7, .seed = 12}, 3, 4, 5).seed());
  seen.insert(CounterRng({.content = 12, .seed = 7 + (1ull << 40)}, 3, 4, 5).seed());
  EXPECT_EQ(seen.size(), 7u);
}

TEST(CounterRng, KeepsItsNumbers) {  // films made earlier depend on them
  CounterRng rng({.content = 1, .seed = 2}, 3, 4, 5);
  const auto key = philox4x32({1, 0, 2, 0}, {0, 0});
  const auto first = philox4x32({0, 5, 4, 3}, {key[0], key[1]});
  const auto second = philox4x32({1, 5, 4, 3}, {key[0], key[1]});
  EXPECT_EQ(rng.bits(), first[0]);
  EXPECT_EQ(rng.seed(), std::uint64_t{first[1]} << 32 | first[2]);
  EXPECT_EQ(rng.seed(), std::uint64_t{first[3]} << 32 | second[0]);
}

TEST(CounterRng, UniformFillsItsRangeEvenly) {
  CounterRng rng({}, 0, 0, 0);
  double sum = 0, squares = 0;
  constexpr int n = 100000;
  for (int i = 0; i < n; ++i) {
    const double u = rng.uniform();
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    sum += u;
    squares += u * u;
  }
  EXPECT_NEAR(sum / n, 0.5, 0.005);
  EXPECT_NEAR(squares / n, 1.0 / 3, 0.005);
  const double x = rng.uniform(-3, -2);
  EXPECT_GE(x, -3);
  EXPECT_LT(x, -2);
  EXPECT_EQ(rng.uniform(0.25, 0.25), 0.25);
}

TEST(CounterRng, BelowIsEvenAndCoversAll) {
  CounterRng rng({.seed = 9}, 0, 0, 0);
  std::vector<int> counts(7);
  for (int i = 0; i < 70000; ++i) ++counts[static_cast<std::size_t>(rng.below(7))];
  for (const int count : counts) EXPECT_NEAR(count, 10000, 450);  // 4.8 standard deviations
  EXPECT_EQ(rng.below(1), 0);
  // Without drawing again the lowest third would come up in 3 of 8 draws.
  const std::int64_t n = 3ll << 61;
  int lower = 0;
  for (int i = 0; i < 10000; ++i) lower += rng.below(n) < n / 3;
  EXPECT_NEAR(lower, 3333, 230);
  EXPECT_THROW(rng.below(0), std::out_of_range);
}

TEST(CounterRng, NormalHasItsMoments) {
  CounterRng rng({.seed = 10}, 0, 0, 0);
  double sum = 0, squares = 0, fourth = 0;
  constexpr int n = 100000;
  for (int i = 0; i < n; ++i) {
    const double x = rng.normal();
    ASSERT_TRUE(std::isfinite(x));
    sum += x;
    squares += x * x;
    fourth += x * x * x * x;
  }
  EXPECT_NEAR(sum / n, 0, 0.015);
  EXPECT_NEAR(squares / n, 1, 0.02);
  EXPECT_NEAR(fourth / n, 3, 0.15);
}

TEST(CounterRng, ChanceTakesOneNumberWhateverItsOdds) {
  CounterRng a({}, 0, 0, 0), b({}, 0, 0, 0);
  EXPECT_FALSE(a.chance(0));
  EXPECT_TRUE(b.chance(1));
  EXPECT_EQ(a.bits(), b.bits());
}

}  // namespace
}  // namespace latentreel::render
