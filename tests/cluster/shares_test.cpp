#include "src/cluster/shares.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/cluster/plans.h"

namespace latentreel::cluster {
namespace {

using ::testing::ElementsAre;
using testing::Film;
using ::testing::IsEmpty;
using testing::plan_of;

std::vector<std::string> names(const Shares& shares, const ClusterPlan& plan) {
  std::vector<std::string> all;
  for (const auto& share : shares.shares) all.push_back(names_of(share, plan));
  return all;
}

// Which share does each task; fails where one is done twice or never.
std::map<std::size_t, std::size_t> share_of_tasks(const Shares& shares, const ClusterPlan& plan) {
  std::map<std::size_t, std::size_t> share_of;
  for (std::size_t i = 0; i < shares.shares.size(); ++i) {
    EXPECT_FALSE(shares.shares[i].tasks.empty());
    for (const auto task : shares.shares[i].tasks) {
      EXPECT_TRUE(share_of.emplace(task, i).second) << plan.tasks[task].name << " twice";
      EXPECT_EQ(plan.tasks[task].kind, shares.shares[i].kind);
    }
  }
  EXPECT_EQ(share_of.size(), plan.tasks.size());
  return share_of;
}

// What a share waits for, directly or not.
std::vector<std::set<std::size_t>> all_before(const Shares& shares) {
  std::vector<std::set<std::size_t>> before(shares.shares.size());
  for (std::size_t i = 0; i < shares.shares.size(); ++i) {
    for (const auto need : shares.shares[i].needs) {
      EXPECT_LT(need, i);
      before[i].insert(need);
      before[i].insert(before[need].begin(), before[need].end());
    }
  }
  return before;
}

void expect_needs_come_before(const Shares& shares, const ClusterPlan& plan) {
  const auto share_of = share_of_tasks(shares, plan);
  const auto before = all_before(shares);
  for (std::size_t i = 0; i < shares.shares.size(); ++i) {
    std::set<std::size_t> here;
    for (const auto task : shares.shares[i].tasks) {
      for (const auto need : plan.tasks[task].needs) {
        EXPECT_TRUE(here.count(need) != 0 || before[i].count(share_of.at(need)) != 0)
            << plan.tasks[task].name << " before " << plan.tasks[need].name;
      }
      here.insert(task);
    }
  }
}

void expect_arrays_hold_together(const Shares& shares, std::size_t longest) {
  std::size_t next = 0;
  for (const auto& array : shares.arrays) {
    EXPECT_EQ(array.first, next);
    EXPECT_GT(array.count, 0u);
    EXPECT_LE(array.count, longest);
    next = array.first + array.count;
    for (auto i = array.first; i < next; ++i) {
      EXPECT_EQ(shares.shares[i].needs, shares.shares[array.first].needs);
      EXPECT_EQ(shares.shares[i].kind, shares.shares[array.first].kind);
    }
  }
  EXPECT_EQ(next, shares.shares.size());
}

TEST(Shares, HoldEveryTaskOnceBehindWhatItNeeds) {
  for (const bool chained : {false, true}) {
    for (const bool paced : {false, true}) {
      for (const int keyframes : {1, 2, 3, 17, 60}) {
        for (const double seconds : {0.0, 150.0, 350.0, 1e9}) {
          for (const int machines : {1, 3, 1000}) {
            for (const bool grown : {false, true}) {
              const auto plan = plan_of({.keyframes = keyframes,
                                         .chained = chained,
                                         .paced = paced,
                                         .segments_between = 3,
                                         .grown = grown});
              const ShareSettings settings = {seconds, machines, 7};
              const auto shares = make_shares(plan, settings);
              expect_needs_come_before(shares, plan);
              expect_arrays_hold_together(shares, 7);
            }
          }
        }
      }
    }
  }
}

TEST(Shares, OfAnEmptyPlanAreNone) {
  const auto shares = make_shares(ClusterPlan{});
  EXPECT_THAT(shares.shares, IsEmpty());
  EXPECT_THAT(shares.arrays, IsEmpty());
  EXPECT_THAT(stages_of(shares), IsEmpty());
}

TEST(Shares, OfOneTaskEachWaitForJustWhatTheyNeed) {
  const auto plan = plan_of({.paced = false});
  const auto shares = make_shares(plan, testing::each_alone());
  EXPECT_THAT(names(shares, plan),
              ElementsAre("key:0", "key:1", "key:2", "seg:0", "seg:1", "film"));
  EXPECT_THAT(shares.shares[3].needs, ElementsAre(0, 1));
  EXPECT_THAT(shares.shares[4].needs, ElementsAre(1, 2));
  EXPECT_THAT(shares.shares[5].needs, ElementsAre(3, 4));
  ASSERT_EQ(shares.arrays.size(), 4u);
  EXPECT_EQ(shares.arrays[0].count, 3u);
}

TEST(Shares, LeaveOutWhatAnotherNeedWaitsForAnyway) {
  const auto shares = make_shares(plan_of({.keyframes = 2}), testing::each_alone());
  EXPECT_THAT(shares.shares[2].needs, ElementsAre(0, 1));  // pace:0
  EXPECT_THAT(shares.shares[3].needs, ElementsAre(2));     // seg:0
}

TEST(Shares, GrowToMinutesButLeaveNoMachineIdle) {
  const Film film = {.keyframes = 13, .paced = false, .segment_seconds = 20};
  const auto plan = plan_of(film);
  const auto few = make_shares(plan, {.seconds = 300, .machines = 1});
  EXPECT_EQ(names(few, plan)[0], "key:0 key:1 key:2");
  EXPECT_EQ(few.shares[0].seconds, 300);
  EXPECT_EQ(few.shares.back().kind, TaskKind::film);
  EXPECT_EQ(few.shares.size(), 5u + 1 + 1);  // 13 keyframes by 3, 240 s of segments, the film
  const auto many = make_shares(plan, {.seconds = 300, .machines = 4});
  EXPECT_EQ(many.shares.size(), 5u + 4 + 1);
}

TEST(Shares, AreWorthStartingForHoweverManyMachinesThereAre) {
  const auto plan = plan_of({.keyframes = 17, .paced = false, .segment_seconds = 1});
  const auto shares = make_shares(plan, {.machines = 1000});
  EXPECT_EQ(shares.shares.size(), 17u + 1 + 1);  // a start takes ten seconds
}

TEST(Shares, OfChainsNeverMixPiecesOfOneWithOthers) {
  // Keyframes 0 to 5 start from one another, so do 6 to 9; 10 is alone.
  auto plan = plan_of({.keyframes = 11, .chained = true, .paced = false});
  plan.tasks[6].needs.clear();
  plan.tasks[10].needs.clear();
  const auto shares = make_shares(plan, {.seconds = 250, .machines = 1});
  const auto all = names(shares, plan);
  EXPECT_THAT(std::vector(all.begin(), all.begin() + 6),
              ElementsAre("key:0 key:1", "key:6 key:7", "key:10", "key:2 key:3", "key:4 key:5",
                          "key:8 key:9"));
  EXPECT_THAT(shares.shares[0].needs, IsEmpty());
  EXPECT_THAT(shares.shares[3].needs, ElementsAre(0));
  EXPECT_THAT(shares.shares[4].needs, ElementsAre(3));
  EXPECT_THAT(shares.shares[5].needs, ElementsAre(1));
}

TEST(Shares, OfFramesThatGrowOutOfOneAnotherFollowEachOther) {
  const auto plan = plan_of({.paced = false, .grown = true});
  const auto shares = make_shares(plan, testing::each_alone());
  EXPECT_THAT(names(shares, plan), ElementsAre("key:0", "key:1", "key:2", "chain:0", "chain:1",
                                               "seg:0", "seg:1", "film"));
  EXPECT_THAT(shares.shares[4].needs, ElementsAre(3));
  EXPECT_THAT(shares.shares[6].needs, ElementsAre(1, 2, 4));
}

TEST(Shares, NameWhatTheyReadBeforeTheirTasks) {
  const auto plan = plan_of({.keyframes = 2, .segments_between = 2});
  const auto shares = make_shares(plan, {.machines = 1});
  EXPECT_EQ(names_with_needs(shares.shares[0], plan), "key:0 key:1");
  EXPECT_EQ(names_with_needs(shares.shares[2], plan), "key:0 key:1 pace:0 seg:0 seg:1");
  // Also where that is done, as it may turn out to be damaged.
  const auto left = without(plan, {"key:0", "key:1", "pace:0", "seg:0", "seg:1"});
  EXPECT_EQ(names_with_needs(make_shares(left).shares[0], left), "seg:0 seg:1 film");
}

TEST(Stages, FollowOneAnotherAsTheirSharesNeed) {
  for (const bool chained : {false, true}) {
    const auto plan = plan_of({.keyframes = 9, .chained = chained, .segments_between = 2});
    const auto shares = make_shares(plan, {.seconds = 250});
    std::set<std::size_t> done;
    for (const auto& stage : stages_of(shares)) {
      for (const auto share : stage.shares) {
        for (const auto need : shares.shares[share].needs) EXPECT_EQ(done.count(need), 1u);
      }
      done.insert(stage.shares.begin(), stage.shares.end());
    }
    EXPECT_EQ(done.size(), shares.shares.size());
    EXPECT_EQ(stages_of(shares).size(), chained ? 5u + 3 : 4u);
  }
}

}  // namespace
}  // namespace latentreel::cluster
