#include "src/cluster/cluster_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "src/cluster/error.h"
#include "tests/cluster/plans.h"
#include "tests/temporary_folder.h"

namespace latentreel::cluster {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string refusal(const std::string& text) {
  try {
    parse_cluster_plan(text, "plan.json");
  } catch (const ClusterError& error) {
    EXPECT_EQ(error.kind(), ClusterError::Kind::plan);
    return error.what();
  }
  return "none";
}

// The plan with one task changed by `change`.
std::string changed(int task, const std::function<void(json&)>& change) {
  auto plan = json::parse(testing::plan_text());
  change(plan["tasks"][static_cast<size_t>(task)]);
  return plan.dump();
}

TEST(ClusterPlan, HasTasksKindsNeedsAndCosts) {
  const auto plan = testing::plan_of({.device = "cuda", .threads = 2});
  EXPECT_EQ(plan.file, "/films/dawn/plan.json");
  EXPECT_EQ(plan.threads, 2);
  EXPECT_TRUE(plan.on_gpu());
  EXPECT_EQ(plan.start_seconds, 10);
  ASSERT_EQ(plan.tasks.size(), 8u);  // three keyframes, two paces, two segments, the film
  EXPECT_EQ(plan.tasks[3].name, "pace:0");
  EXPECT_EQ(plan.tasks[3].kind, TaskKind::pace);
  EXPECT_THAT(plan.tasks[5].needs, ElementsAre(0, 1, 3));
  EXPECT_EQ(plan.tasks[5].seconds, 20);
  EXPECT_EQ(plan.tasks[5].bytes, 1e9);
  EXPECT_THAT(plan.tasks[7].needs, ElementsAre(5, 6));
}

TEST(ClusterPlan, WithoutCostsHasGuesses) {
  auto text = json::parse(testing::plan_text());
  text.erase("cost");
  for (auto& task : text["tasks"]) task.erase("cost");
  text["tasks"][5]["frames"] = {0, 48};
  const auto plan = parse_cluster_plan(text.dump(), "plan.json");
  EXPECT_EQ(plan.guessed(), 8u);
  EXPECT_EQ(testing::plan_of().guessed(), 0u);
  const auto one = changed(3, [](json& task) { task.erase("cost"); });
  EXPECT_EQ(parse_cluster_plan(one, "plan.json").guessed(), 1u);
  EXPECT_EQ(plan.start_seconds, DefaultCost::kStart);
  EXPECT_EQ(plan.tasks[0].seconds, DefaultCost::kKey);
  EXPECT_EQ(plan.tasks[5].seconds, 48 * DefaultCost::kFrame);
  EXPECT_EQ(plan.tasks[7].seconds, DefaultCost::kFilm + 96 * DefaultCost::kFilmFrame);
  EXPECT_EQ(plan.tasks[0].bytes, DefaultCost::kBytes);
}

TEST(ClusterPlan, IsRefusedWithItsReason) {
  EXPECT_THAT(refusal("no JSON"), HasSubstr("it is not a plan of latentreel"));
  EXPECT_THAT(refusal("{}"), HasSubstr("it is not a plan of latentreel"));
  EXPECT_THAT(refusal(R"({"format": "latentreel plan 99"})"), HasSubstr("another version"));
  EXPECT_THAT(refusal(R"({"format": "latentreel plan 1"})"), HasSubstr("something is missing"));
  EXPECT_THAT(refusal(changed(0, [](json& task) { task["needs"] = {"key:1"}; })),
              HasSubstr("key:0 needs \"key:1\", which does not come before it"));
  EXPECT_THAT(refusal(changed(1, [](json& task) { task["name"] = "key:0"; })),
              HasSubstr("key:0 is in it twice"));
}

TEST(ClusterPlan, TakesNoTaskNamesThatAShellCouldTakeForMore) {
  for (const std::string name : {"", "key", "key:", "key:1;x", "seg:$(x)", "film ", "key:1 2", "x",
                                 "key:-1", "key:00000000000000000000000000000000"}) {
    EXPECT_THAT(refusal(changed(7, [&](json& task) { task["name"] = name; })),
                HasSubstr("is no task"))
        << name;
  }
}

TEST(ClusterPlan, ReadFromAFileThatIsNotThereIsMissing) {
  const TemporaryFolder folder;
  try {
    read_cluster_plan(folder / "none.json");
    FAIL();
  } catch (const ClusterError& error) {
    EXPECT_EQ(error.kind(), ClusterError::Kind::missing);
  }
  EXPECT_EQ(read_cluster_plan(folder.write("plan.json", testing::plan_text())).tasks.size(), 8u);
}

TEST(ClusterPlan, WithoutWhatIsDoneNeedsOnlyWhatIsLeft) {
  const auto left = without(testing::plan_of(), {"key:0", "key:1", "pace:0", "seg:0"});
  ASSERT_EQ(left.tasks.size(), 4u);
  EXPECT_EQ(left.tasks[0].name, "key:2");
  EXPECT_THAT(left.tasks[0].needs, IsEmpty());
  EXPECT_THAT(left.tasks[1].needs, ElementsAre(0));     // pace:1
  EXPECT_THAT(left.tasks[2].needs, ElementsAre(0, 1));  // seg:1
  EXPECT_THAT(left.tasks[3].needs, ElementsAre(2));     // film
}

}  // namespace
}  // namespace latentreel::cluster
