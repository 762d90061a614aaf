#include "src/cluster/simulate.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/cluster/plans.h"

namespace latentreel::cluster {
namespace {

using testing::plan_of;

double sum_of(const ClusterPlan& plan) {
  double sum = 0;
  for (const auto& task : plan.tasks) sum += task.seconds;
  return sum;
}

TEST(Simulation, OfOneMachineTakesTheSumOfAll) {
  const auto plan = plan_of({.keyframes = 9, .segments_between = 2});
  const auto shares = make_shares(plan, {.machines = 1});
  const auto one = simulate(plan, shares, 1);
  EXPECT_DOUBLE_EQ(one.seconds, sum_of(plan) + 10.0 * static_cast<double>(shares.shares.size()));
  EXPECT_DOUBLE_EQ(one.utilisation, 1);
  EXPECT_DOUBLE_EQ(one.work, one.seconds);
}

TEST(Simulation, OfAnyNumberOfMachinesTakesTheLongestWay) {
  const auto plan = plan_of({.keyframes = 9, .paced = false});
  EXPECT_DOUBLE_EQ(critical_path(plan), 100 + 20 + 3);
  const auto many = simulate(plan, make_shares(plan, testing::each_alone()), 1000);
  EXPECT_DOUBLE_EQ(many.seconds, 123 + 3 * 10);
  EXPECT_LT(many.utilisation, 0.02);
}

TEST(Simulation, OfAChainIsNotShortenedByMachines) {
  const auto plan = plan_of({.keyframes = 9, .chained = true, .paced = false});
  EXPECT_DOUBLE_EQ(critical_path(plan), 900 + 20 + 3);
  const auto shares = make_shares(plan, testing::each_alone());
  EXPECT_DOUBLE_EQ(simulate(plan, shares, 2).seconds, 923 + 11 * 10);
}

TEST(Simulation, OfTwoMachinesIsWorkedOutByHand) {
  // Keyframes: 110 + 110; the third on one machine, the first segment on the other, then the second
  // segment and the film.
  const auto plan = plan_of({.paced = false});
  const auto two = simulate(plan, make_shares(plan, testing::each_alone()), 2);
  EXPECT_DOUBLE_EQ(two.seconds, 110 + 110 + 30 + 13);
  EXPECT_DOUBLE_EQ(two.work, 3 * 110 + 2 * 30 + 13);
  EXPECT_DOUBLE_EQ(two.utilisation, two.work / (2 * two.seconds));
}

TEST(Simulation, NeverBeatsTheCriticalPathOrFullUse) {
  for (const bool chained : {false, true}) {
    const auto plan = plan_of({.keyframes = 40, .chained = chained, .segments_between = 4});
    for (const int machines : {1, 2, 3, 7, 16, 100, 1000}) {
      const auto result = simulate(plan, machines);
      EXPECT_EQ(result.machines, machines);
      EXPECT_GE(result.seconds, critical_path(plan));
      EXPECT_LE(result.utilisation, 1 + 1e-12);
      EXPECT_GT(result.utilisation, 0);
    }
  }
}

TEST(Simulation, BeginsNoShareBeforeWhatItNeedsIsDone) {
  const auto plan = plan_of({.keyframes = 12, .chained = true, .segments_between = 3});
  const auto shares = make_shares(plan, testing::each_alone());
  for (const int machines : {1, 2, 5, 1000}) {
    const auto result = simulate(plan, shares, machines);
    ASSERT_EQ(result.begins.size(), shares.shares.size());
    const auto end = [&](std::size_t i) {
      return result.begins[i] + plan.start_seconds + shares.shares[i].seconds;
    };
    double last = 0;
    for (std::size_t i = 0; i < shares.shares.size(); ++i) {
      for (const auto need : shares.shares[i].needs) EXPECT_GE(result.begins[i], end(need));
      last = std::max(last, end(i));
    }
    EXPECT_DOUBLE_EQ(last, result.seconds);
  }
}

TEST(Simulation, OfNothingTakesNoTime) {
  const auto nothing = simulate(ClusterPlan{}, 4);
  EXPECT_EQ(nothing.seconds, 0);
  EXPECT_EQ(nothing.utilisation, 1);
}

TEST(Scaling, TellsWhereMoreMachinesNoLongerHelp) {
  const auto wide = scaling(plan_of({.keyframes = 33, .paced = false}), 1000);
  EXPECT_EQ(wide.tried.front().machines, 1);
  EXPECT_EQ(wide.tried.back().machines, 1000);
  EXPECT_GE(wide.enough, 16);
  EXPECT_LE(wide.enough, 64);
  // However few are asked about.
  EXPECT_EQ(scaling(plan_of({.keyframes = 33, .paced = false}), 2).enough, wide.enough);
  const auto chain = scaling(plan_of({.keyframes = 33, .chained = true, .paced = false}), 1000);
  EXPECT_LE(chain.enough, 2);
}

}  // namespace
}  // namespace latentreel::cluster
