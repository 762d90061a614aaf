#include "src/cluster/submission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/cluster/error.h"
#include "tests/cluster/plans.h"
#include "tests/temporary_folder.h"

namespace latentreel::cluster {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Submission submitted(const std::string& printed) {
  const auto plan = testing::plan_of({.paced = false});
  return slurm_submission(printed, plan, make_shares(plan, testing::each_alone()),
                          testing::settings());
}

TEST(Submission, KnowsTheJobOfEveryTask) {
  const auto record = submitted("0 100\n1 103\n2 104\n3 105\n");
  EXPECT_THAT(record.jobs,
              ElementsAre(SubmittedJob{"100_0", {"key:0"}}, SubmittedJob{"100_1", {"key:1"}},
                          SubmittedJob{"100_2", {"key:2"}}, SubmittedJob{"103_0", {"seg:0"}},
                          SubmittedJob{"104_0", {"seg:1"}}, SubmittedJob{"105_0", {"film"}}));
  EXPECT_THAT(arrays_of(record), ElementsAre("100", "103", "104", "105"));
}

TEST(Submission, ThatSlurmDidNotAnswerWhollyIsRefused) {
  for (const std::string printed : {"", "0 100\n1 103\n2 104\n", "0 100\n1 x\n2 104\n3 105\n"}) {
    EXPECT_THROW(submitted(printed), ClusterError) << printed;
  }
}

TEST(Submission, IsReadAsItWasWritten) {
  const TemporaryFolder folder;
  const auto file = submission_file(folder / "plan.json");
  EXPECT_EQ(file, folder / "plan.submission.json");
  EXPECT_FALSE(read_submission(file));
  const auto record = submitted("0 100\n1 103\n2 104\n3 105\n");
  folder.write("plan.submission.json", submission_text(record));
  const auto read = read_submission(file);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->engine, "slurm");
  EXPECT_EQ(read->folder, record.folder);
  EXPECT_EQ(read->jobs, record.jobs);
}

TEST(Submission, OfSomethingElseIsRefused) {
  const TemporaryFolder folder;
  for (const std::string text :
       {"", "[]", "{}", R"({"format": "latentreel submission 1"})",
        R"({"format": "latentreel submission 1", "engine": "slurm", "folder": "",
            "jobs": [{"job": "-x", "tasks": []}]})",
        R"({"format": "latentreel submission 1", "engine": "slurm", "folder": "",
            "jobs": [{"job": "1_", "tasks": []}]})"}) {
    const auto file = folder.write("plan.submission.json", text);
    EXPECT_THROW(read_submission(file), ClusterError) << text;
  }
}

}  // namespace
}  // namespace latentreel::cluster
