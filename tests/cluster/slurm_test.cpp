#include "src/cluster/slurm.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/cluster/error.h"
#include "src/cluster/share_script.h"
#include "tests/cluster/plans.h"
#include "tests/cluster/shell.h"
#include "tests/temporary_folder.h"

namespace latentreel::cluster {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using testing::Film;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::plan_of;
using testing::run_shell;
using testing::text_of;

std::string submit_text(const Film& film, const Settings& settings,
                        const ShareSettings& shares = testing::each_alone()) {
  const auto plan = plan_of(film);
  return text_of(slurm_scripts(plan, make_shares(plan, shares), settings), kSubmitScript);
}

TEST(Slurm, ScriptsOfASmallPlanAreThese) {
  auto settings = testing::settings();
  settings.partition = "gpu";
  settings.account = "studio";
  settings.constraint = "h200";
  settings.extra = {"--qos=night"};
  settings.at_once = 8;
  const auto plan = plan_of({.device = "cuda"});
  const auto shares = make_shares(plan, testing::each_alone());
  const auto scripts = slurm_scripts(plan, shares, settings);
  testing::expect_golden(text_of(scripts, kSubmitScript), "slurm-submit.sh");
  testing::expect_golden(text_of(scripts, kShareScript), "slurm-share-requeueing.sh");
  settings.cluster_requeues = true;
  testing::expect_golden(text_of(slurm_scripts(plan, shares, settings), kShareScript),
                         "slurm-share.sh");
}

TEST(Slurm, OfAMixedPlanOnlyWhatHasToBeIsMadeOnItsOwnKindOfMachine) {
  auto settings = testing::settings();
  settings.constraint = "h200";
  auto plan = plan_of({.keyframes = 2});
  plan.mixed = true;
  const auto shares = make_shares(plan, testing::each_alone());
  const auto text = text_of(slurm_scripts(plan, shares, settings), kSubmitScript);
  const auto line = [&](const std::string& kind) {
    const auto begin = text.find("--job-name=latentreel-" + kind);
    return text.substr(begin, text.find('\n', begin) - begin);
  };
  EXPECT_THAT(line("key"), HasSubstr("'--constraint=h200'"));
  EXPECT_THAT(line("pace"), HasSubstr("'--constraint=h200'"));
  EXPECT_THAT(line("seg"), Not(HasSubstr("constraint")));
  EXPECT_THAT(line("film"), Not(HasSubstr("constraint")));
}

TEST(Slurm, JobsWaitForJustTheElementsThatTheyNeed) {
  const auto text = submit_text({.keyframes = 4, .paced = false}, testing::settings());
  EXPECT_THAT(text, HasSubstr("hand 0 --job-name=latentreel-key --array=0-3 "));
  EXPECT_THAT(text, HasSubstr("\"--dependency=afterok:${job_0}_0:${job_0}_1\" share.sh 4\n"));
  EXPECT_THAT(text, HasSubstr("\"--dependency=afterok:${job_0}_2:${job_0}_3\" share.sh 6\n"));
  EXPECT_THAT(text,
              HasSubstr("\"--dependency=afterok:${job_1}_0:${job_2}_0:${job_3}_0\" share.sh 7\n"));
}

TEST(Slurm, ArraysAreNoLongerThanTheClusterTakes) {
  const Film film = {.keyframes = 25, .paced = false};
  const auto plan = plan_of(film);
  const auto shares = make_shares(plan, {.seconds = 0, .longest_array = 10});
  const auto text = text_of(slurm_scripts(plan, shares, testing::settings()), kSubmitScript);
  EXPECT_THAT(text, HasSubstr("--array=0-9 "));
  EXPECT_THAT(text, HasSubstr("--array=0-4 "));
  EXPECT_THAT(text, Not(HasSubstr("--array=0-10 ")));
  EXPECT_THAT(text, HasSubstr("share.sh 20\n"));
  EXPECT_THAT(text, HasSubstr("afterok:${job_0}_9:${job_1}_0\""));
}

TEST(Slurm, WholeArraysAreNeverWaitedForAsTheyFailWith75) {
  const auto text =
      submit_text({.keyframes = 2, .paced = false, .segments_between = 3}, testing::settings());
  EXPECT_THAT(text, HasSubstr("afterok:${job_1}_0:${job_1}_1:${job_1}_2\" share.sh 5\n"));
  EXPECT_THAT(text, Not(HasSubstr("$job_")));
}

TEST(Slurm, AJobThatWaitsForMoreThanCanBeSaidIsRefused) {
  const auto plan = plan_of({.keyframes = 6002, .paced = false});
  EXPECT_THROW(slurm_scripts(plan, make_shares(plan, testing::each_alone()), testing::settings()),
               ClusterError);
}

TEST(Slurm, LimitsFollowTheCostsUnlessAskedFor) {
  auto settings = testing::settings();
  // 10 s and 1000 s, four times; 1e9 bytes and a quarter.
  EXPECT_THAT(submit_text({.key_seconds = 1000}, settings), HasSubstr("--time=68 --mem=1280M "));
  settings.minutes = 30;
  settings.memory_bytes = 3.0 * (1 << 30);
  EXPECT_THAT(submit_text({.key_seconds = 1000}, settings), HasSubstr("--time=30 --mem=3072M "));
}

TEST(Slurm, AGpuIsAskedForWhereThePlanHasOne) {
  auto settings = testing::settings();
  EXPECT_THAT(submit_text({}, settings), Not(HasSubstr("--gres")));
  EXPECT_THAT(submit_text({.device = "cuda"}, settings), HasSubstr("'--gres=gpu:1'"));
  settings.gres = "gpu:h200:1";
  EXPECT_THAT(submit_text({.device = "cuda"}, settings), HasSubstr("'--gres=gpu:h200:1'"));
}

TEST(Slurm, OfNothingLeftToDoThereAreNoScripts) {
  EXPECT_THAT(slurm_scripts(ClusterPlan{}, Shares{}, testing::settings()), IsEmpty());
}

// A folder that a shell, sbatch and parallel could each take for something else.
class NastyFolder {
 public:
  NastyFolder() { fs::create_directories(path_); }
  const fs::path& path() const { return path_; }
  const TemporaryFolder& around() const { return around_; }

 private:
  TemporaryFolder around_;
  fs::path path_ = around_ / "it's $(touch found) `touch found` \"a\" {} {= 1 =} %A\n;touch found";
};

// The settings of a cluster whose sbatch writes down what it was called with.
class FakeSlurm {
 public:
  FakeSlurm() {
    settings_ = testing::settings();
    settings_.folder = folder_.path() / "scripts";
    settings_.store = folder_.path() / "store";
    settings_.program = folder_.path() / "latentreel";
    testing::write_program(settings_.program, "printf '<%s>' \"$@\"\nexit ${CODE:-0}\n");
    // Refuses the call number $REFUSED.
    testing::write_program(tools() / "sbatch",
                           "n=$(cat calls 2>/dev/null | wc -l)\n"
                           "[ \"$n\" != \"${REFUSED:-}\" ] || exit 1\n"
                           "echo \"$*\" | tr '\\n' ' ' >> calls\n"
                           "echo >> calls\n"
                           "echo \"$((n + 100));here\"\n");
    testing::write_program(tools() / "scancel", "echo \"$@\" > cancelled\n");
    testing::write_program(tools() / "scontrol", "echo \" $@\"\n");
    testing::write_program(tools() / "sleep", "");
  }

  void write(const ClusterPlan& plan, const Shares& shares) const {
    testing::write_scripts(slurm_scripts(plan, shares, settings_), settings_.folder);
  }
  testing::Ran run(const std::string& command) const {
    return run_shell(command, settings_.folder, tools());
  }
  fs::path tools() const { return folder_.around() / "tools"; }
  fs::path plan_file() const { return folder_.path() / "plan.json"; }
  bool was_hurt() const {
    return fs::exists(settings_.folder / "found") || fs::exists(folder_.around() / "found");
  }
  Settings& settings() { return settings_; }

 private:
  NastyFolder folder_;
  Settings settings_;
};

TEST(Slurm, ScriptsWorkWhateverFoldersAreCalled) {
  FakeSlurm slurm;
  for (const bool requeues : {false, true}) {
    slurm.settings().cluster_requeues = requeues;
    const auto plan = plan_of({.paced = false}, slurm.plan_file());
    const auto shares = make_shares(plan, testing::each_alone());
    slurm.write(plan, shares);
    fs::remove(slurm.settings().folder / "calls");
    const auto submitted =
        run_shell("sh \"$PWD/submit.sh\"", slurm.settings().folder, slurm.tools());
    EXPECT_EQ(submitted.code, 0);
    EXPECT_EQ(submitted.out, "0 100\n1 101\n2 102\n3 103\n");
    const auto share = slurm.run("SLURM_ARRAY_TASK_ID=1 sh share.sh 3");
    EXPECT_EQ(share.code, 0);
    EXPECT_EQ(
        share.out,
        fmt::format("<task><{}><key:1><key:2><seg:1><--store><{}><--jobs><1><--on-term><retry>",
                    slurm.plan_file().string(), slurm.settings().store.string()));
  }
  EXPECT_FALSE(slurm.was_hurt());
}

TEST(Slurm, DependenciesNameTheJobsThatSlurmGaveOut) {
  FakeSlurm slurm;
  const auto plan = plan_of({.paced = false}, slurm.plan_file());
  slurm.write(plan, make_shares(plan, testing::each_alone()));
  ASSERT_EQ(slurm.run("sh submit.sh").code, 0);
  const auto calls = slurm.run("cat calls").out;
  EXPECT_THAT(calls, HasSubstr("--dependency=afterok:100_0:100_1 share.sh 3"));
  EXPECT_THAT(calls, HasSubstr("--dependency=afterok:100_1:100_2 share.sh 4"));
  EXPECT_THAT(calls, HasSubstr("--dependency=afterok:101_0:102_0 share.sh 5"));
}

TEST(Slurm, TakesBackWhatItHasWhenItRefusesTheRest) {
  FakeSlurm slurm;
  const auto plan = plan_of({.paced = false}, slurm.plan_file());
  slurm.write(plan, make_shares(plan, testing::each_alone()));
  EXPECT_EQ(slurm.run("REFUSED=2 sh submit.sh").code, 1);
  EXPECT_EQ(slurm.run("cat cancelled").out, "100 101\n");
}

TEST(SlurmShare, BeginsItselfAgainAfter75AndOnlyThen) {
  FakeSlurm slurm;
  const auto plan = plan_of({}, slurm.plan_file());
  slurm.write(plan, make_shares(plan, testing::each_alone()));
  const auto share = [&](const std::string& code) {
    return slurm.run("CODE=" + code + " SLURM_JOB_ID=17 sh share.sh 0");
  };
  EXPECT_EQ(share("75").code, 75);
  EXPECT_THAT(share("75").out, HasSubstr(" requeue 17\n"));
  for (const std::string code : {"0", "65", "70"}) {
    EXPECT_EQ(share(code).code, std::stoi(code));
    EXPECT_THAT(share(code).out, Not(HasSubstr("requeue")));
  }
}

TEST(SlurmShare, HandsTermOnAndWaitsForTheAnswer) {
  FakeSlurm slurm;
  testing::write_program(slurm.settings().program,
                         "trap 'echo stopped; exit 75' TERM\n"
                         "echo ready > ready\n"
                         "while :; do /bin/sleep 0.05; done\n");
  for (const bool requeues : {false, true}) {
    slurm.settings().cluster_requeues = requeues;
    const auto plan = plan_of({}, slurm.plan_file());
    slurm.write(plan, make_shares(plan, testing::each_alone()));
    const auto ran = slurm.run(
        "rm -f ready\n"
        "SLURM_JOB_ID=17 sh share.sh 0 & job=$!\n"
        "while [ ! -e ready ]; do /bin/sleep 0.05; done\n"
        "kill -TERM $job\n"
        "wait $job\n");
    EXPECT_EQ(ran.code, 75);
    EXPECT_THAT(ran.out, HasSubstr("stopped\n"));
    EXPECT_EQ(ran.out.find("requeue 17") != std::string::npos, !requeues);
  }
}

TEST(SlurmShare, GivesUpAfterManyBeginnings) {
  FakeSlurm slurm;
  const auto plan = plan_of({}, slurm.plan_file());
  slurm.write(plan, make_shares(plan, testing::each_alone()));
  EXPECT_EQ(slurm.run(fmt::format("SLURM_RESTART_COUNT={} sh share.sh 0", kMostRestarts)).code, 0);
  EXPECT_EQ(slurm.run(fmt::format("SLURM_RESTART_COUNT={} sh share.sh 0", kMostRestarts + 1)).code,
            70);
  EXPECT_EQ(slurm.run("sh share.sh 99").code, 64);
}

TEST(SlurmShare, DividesItsCoresAmongJobs) {
  auto settings = testing::settings();
  settings.cores = 8;
  const auto plan = plan_of({.threads = 3});
  const auto shares = make_shares(plan);
  EXPECT_THAT(share_script(plan, shares, settings), HasSubstr(" --jobs 2 "));
  EXPECT_EQ(mebibytes_of({.bytes = 1e9}, plan, settings), 2560u);  // two times 1192, in 256s
  EXPECT_EQ(mebibytes_of({.bytes = 1e9}, plan_of({.device = "cuda"}), settings), 1280u);
  EXPECT_EQ(mebibytes_of({.bytes = 0}, plan, settings), 256u);  // 0 asks for all of a node
  EXPECT_EQ(mebibytes_of({.bytes = 1e300}, plan, settings), std::size_t{1} << 30);
  EXPECT_EQ(minutes_of({.seconds = 1e300}, plan, settings), 365 * 24 * 60);
  EXPECT_THAT(text_of(slurm_scripts(plan, shares, settings), kSubmitScript),
              HasSubstr("'--cpus-per-task=8'"));
}

TEST(SlurmConfig, IsReadFromWhatScontrolSays) {
  const auto config = parse_slurm_config(
      "Configuration data as of 2026-11-28T12:00:00\n"
      "MaxArraySize            = 4001\n"
      "RequeueExit             = 1,70-79\n"
      "RequeueExitHold         = (null)\n");
  EXPECT_EQ(config.longest_array, 4001u);
  EXPECT_TRUE(config.requeues_75);
  EXPECT_TRUE(parse_slurm_config("RequeueExit = 75").requeues_75);
  EXPECT_FALSE(parse_slurm_config("RequeueExit = (null)").requeues_75);
  EXPECT_FALSE(parse_slurm_config("RequeueExit = 74,76-80").requeues_75);
  EXPECT_FALSE(parse_slurm_config("RequeueExitHold = 75").requeues_75);
  EXPECT_EQ(parse_slurm_config("").longest_array, 1000u);
}

}  // namespace
}  // namespace latentreel::cluster
