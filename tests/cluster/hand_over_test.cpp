#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "src/cluster/engines.h"
#include "src/cluster/error.h"
#include "src/cluster/program_call.h"
#include "src/cluster/scheduler_view.h"
#include "src/cluster/slurm_client.h"
#include "tests/cluster/plans.h"
#include "tests/cluster/shell.h"
#include "tests/temporary_folder.h"
#include "tests/variable.h"

namespace latentreel::cluster {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(ProgramCall, HandsArgumentsOnAsTheyAreAndBringsTheAnswer) {
  const auto result = call_program({"printf", "<%s>", "a b", "$(x)", "'", ""});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out, "<a b><$(x)><'><>");
  EXPECT_EQ(call_program({"sh", "-c", "exit 75"}).code, 75);
  EXPECT_EQ(call_program({"sh", "-c", "kill -KILL $$"}).code, 128 + 9);
}

TEST(ProgramCall, OfAProgramThatIsNotThereSaysWhich) {
  try {
    call_program({"no-such-program"});
    FAIL();
  } catch (const ClusterError& error) {
    EXPECT_EQ(error.kind(), ClusterError::Kind::unavailable);
    EXPECT_THAT(error.what(), HasSubstr("starting \"no-such-program\": No such file"));
  }
}

// Programs of that name come before the system's.
class FakePrograms {
 public:
  void add(const std::string& name, const std::string& body) const {
    testing::write_program(folder_ / name, body);
  }

 private:
  TemporaryFolder folder_;
  Variable path_{"PATH", folder_.path().string() + ":" + std::getenv("PATH")};
};

struct Handing {
  Handing() {
    settings.folder = folder / "scripts";
    settings.program = folder / "latentreel";
    testing::write_program(
        settings.program,
        "for word in \"$@\"; do [ \"$word\" != --store ] || break; task=$word; done\n"
        "echo \"$task\" >> done\n[ \"$task\" != \"$FAILS\" ] || exit 65\n");
  }
  HandedOver hand_over(Engine engine, const ClusterPlan& plan) const {
    const auto shares = make_shares(plan, testing::each_alone());
    write_scripts(scripts_of(engine, plan, shares, settings), settings);
    return cluster::hand_over(engine, plan, shares, settings);
  }
  std::string done() const { return folder.read("scripts/done"); }

  TemporaryFolder folder;
  Settings settings = testing::settings();
  ClusterPlan plan = testing::plan_of({.keyframes = 2, .paced = false}, folder / "plan.json");
};

TEST(HandingOver, ToSlurmLeavesARecordOfItsJobs) {
  const FakePrograms programs;
  programs.add("sbatch", "echo x >> calls; wc -l < calls\n");
  const Handing handing;
  const auto result = handing.hand_over(Engine::slurm, handing.plan);
  ASSERT_TRUE(result.submission);
  EXPECT_THAT(result.submission->jobs,
              ElementsAre(SubmittedJob{"1_0", {"key:0"}}, SubmittedJob{"1_1", {"key:1"}},
                          SubmittedJob{"2_0", {"seg:0"}}, SubmittedJob{"3_0", {"film"}}));
}

TEST(HandingOver, ToASlurmThatRefusesFails) {
  const FakePrograms programs;
  programs.add("sbatch", "exit 1\n");
  const Handing handing;
  EXPECT_THROW(handing.hand_over(Engine::slurm, handing.plan), ClusterError);
}

TEST(HandingOver, HereEndsAsTheFirstShareThatFailed) {
  const Handing handing;
  EXPECT_EQ(handing.hand_over(Engine::local, handing.plan).code, 0);
  EXPECT_EQ(handing.done(), "key:0\nkey:1\nseg:0\nfilm\n");
  const Variable fails("FAILS", "seg:0");
  EXPECT_EQ(handing.hand_over(Engine::local, handing.plan).code, 65);
}

TEST(HandingOver, ToGnuParallelEndsAsTheFirstShareThatFailed) {
  if (!testing::is_installed("parallel")) GTEST_SKIP() << "GNU parallel is not installed";
  const Handing handing;
  const Variable fails("FAILS", "seg:0");
  EXPECT_EQ(handing.hand_over(Engine::parallel, handing.plan).code, 65);
  EXPECT_THAT(handing.done(), Not(HasSubstr("film")));
}

TEST(HandingOver, ToGnuParallelTakesNothingForDoneThatIsLeft) {
  if (!testing::is_installed("parallel")) GTEST_SKIP() << "GNU parallel is not installed";
  const Handing handing;
  EXPECT_EQ(handing.hand_over(Engine::parallel, handing.plan).code, 0);
  std::filesystem::remove(handing.settings.folder / "done");
  // The same shares again: what they made was removed since.
  EXPECT_EQ(handing.hand_over(Engine::parallel, handing.plan).code, 0);
  EXPECT_THAT(handing.done(), HasSubstr("seg:0\nfilm\n"));
  std::filesystem::remove(handing.settings.folder / "done");
  const auto left = without(handing.plan, {"key:0"});  // shares have other numbers now
  EXPECT_EQ(handing.hand_over(Engine::parallel, left).code, 0);
  EXPECT_EQ(handing.done(), "key:1\nseg:0\nfilm\n");
}

TEST(Engines, AreCalledByTheirNames) {
  for (const auto& name : kEngines) EXPECT_TRUE(engine_of(name)) << name;
  EXPECT_EQ(engine_of("slurm"), Engine::slurm);
  EXPECT_EQ(engine_of("local"), Engine::local);
  EXPECT_FALSE(engine_of("Slurm"));
}

const Submission kRecord = {.engine = "slurm",
                            .folder = "/none",
                            .jobs = {{"12_0", {"key:0"}},
                                     {"12_1", {"key:1", "key:2", "key:3", "key:4"}},
                                     {"13_0", {"seg:0"}},
                                     {"13_1", {"seg:1"}}}};

TEST(SlurmJobs, AreReadFromWhatSqueueSays) {
  const auto states = parse_slurm_jobs(
      "12_0|COMPLETED|lr1|None\n12_1|RUNNING|lr2|None\n13_0|PENDING||Dependency\n\n");
  ASSERT_EQ(states.size(), 3u);
  EXPECT_EQ(states.at("12_1").node, "lr2");
  EXPECT_EQ(states.at("13_0").reason, "Dependency");
  EXPECT_FALSE(is_active(states.at("12_0")));
  EXPECT_TRUE(is_active(states.at("13_0")));
  EXPECT_TRUE(is_active({.state = "COMPLETING"}));
  EXPECT_EQ(active_jobs(kRecord, states), 2u);
}

TEST(SchedulerView, TellsCountsPlacesAndEnds) {
  const auto states = parse_slurm_jobs(
      "12_0|COMPLETED|lr1|None\n12_1|RUNNING|lr2|None\n13_0|PENDING||Dependency\n");
  EXPECT_EQ(scheduler_view(kRecord, states),
            "slurm 1 completed, 1 running, 1 pending, 1 no longer known to Slurm\n"
            "      running  key:1 to key:4 on lr2 (job 12_1)\n");
}

TEST(SchedulerView, ShowsTheEndOfTheLogOfWhatFailed) {
  const TemporaryFolder folder;
  auto record = kRecord;
  record.folder = folder.path();
  folder.write("logs/latentreel-seg.13_0.log",
               "one\ntwo\n\nthree\nlatentreel: the device \x1b[31mfailed\n");
  const auto view = scheduler_view(record, parse_slurm_jobs("13_0|FAILED|lr2|NonZeroExitCode\n"));
  EXPECT_THAT(view, HasSubstr("      failed   seg:0 (job 13_0): the device  [31mfailed\n"
                              "        two\n"
                              "        three\n"
                              "        latentreel: the device  [31mfailed\n"));
}

TEST(SchedulerView, SaysWhyInOneSentence) {
  const std::vector<std::string> log = {"latentreel: the disk is full", "slurmstepd: ended"};
  EXPECT_EQ(why_failed({.state = "FAILED"}, log), "the disk is full");
  EXPECT_EQ(why_failed({.state = "FAILED"}, {"dawn.toml:3:1: unknown key"}),
            "dawn.toml:3:1: unknown key");
  EXPECT_EQ(why_failed({.state = "FAILED", .reason = "NonZeroExitCode"}, {}),
            "it said nothing; Slurm says NonZeroExitCode");
  EXPECT_THAT(why_failed({.state = "TIMEOUT"}, log), HasSubstr("--minutes"));
  EXPECT_THAT(why_failed({.state = "OUT_OF_MEMORY"}, log), HasSubstr("--memory"));
  EXPECT_THAT(why_failed({.state = "NODE_FAIL"}, log), HasSubstr("node"));
}

TEST(SlurmJobs, ThatFailedHaveAnExitCode) {
  const auto states = parse_slurm_jobs(
      "12_0|COMPLETED|lr1|None\n12_1|CANCELLED||Dependency\n13_1|FAILED|lr1|NonZeroExitCode\n");
  ASSERT_NE(first_failed(kRecord, states), nullptr);
  EXPECT_EQ(first_failed(kRecord, states)->job, "13_1");
  EXPECT_EQ(first_failed(kRecord, {}), nullptr);
  EXPECT_EQ(parse_exit_code("JobId=7 JobState=FAILED DerivedExitCode=1:0 ExitCode=65:0 Restarts=0"),
            65);
  EXPECT_EQ(parse_exit_code("JobState=FAILED ExitCode=0:9 x"), 137);
  EXPECT_EQ(parse_exit_code("JobState=CANCELLED ExitCode=0:0 x"), std::nullopt);
  EXPECT_EQ(parse_exit_code("JobState=OUT_OF_MEMORY ExitCode=0:125 x"), std::nullopt);
  EXPECT_EQ(parse_exit_code(""), std::nullopt);
}

TEST(SchedulerView, OfALogReadsOnlyTheEnd) {
  const TemporaryFolder folder;
  const auto file = folder.write("long.log", std::string(100000, 'x') + "\nlast\n");
  const auto lines = last_lines(file, 3);
  EXPECT_EQ(lines.back(), "last");
  EXPECT_LE(lines.front().size(), 8192u);
  EXPECT_THAT(last_lines(folder / "none", 3), IsEmpty());
}

}  // namespace
}  // namespace latentreel::cluster
