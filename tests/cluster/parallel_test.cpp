#include "src/cluster/parallel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/cluster/plans.h"
#include "tests/cluster/shell.h"
#include "tests/temporary_folder.h"

namespace latentreel::cluster {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::plan_of;
using testing::run_shell;
using testing::text_of;

// A program that writes down the last task it was called with; the first time it is called for
// $FAILS, and every time while there is a file "broken", it ends with $CODE.
constexpr const char* kProgram =
    "for word in \"$@\"; do [ \"$word\" != --store ] || break; task=$word; done\n"
    "echo \"$task\" >> done\n"
    "if [ \"$task\" = \"${FAILS:-}\" ] && { [ ! -e failed ] || [ -e broken ]; }; then\n"
    "  touch failed\n"
    "  exit \"${CODE:-1}\"\n"
    "fi\n";

class Place {
 public:
  Place() {
    settings.folder = folder_ / "it's {} {= 1 =} $(x) scripts";
    settings.store = folder_ / "store";
    settings.program = folder_ / "latentreel";
    testing::write_program(settings.program, kProgram);
  }
  ClusterPlan plan() const {
    return plan_of({.keyframes = 4, .paced = false}, folder_ / "plan.json");
  }
  testing::Ran run(const std::string& command) const { return run_shell(command, settings.folder); }
  // What was done, in order.
  std::string done() const { return run("cat done 2>/dev/null | tr '\\n' ' '").out; }
  void forget() const { fs::remove(settings.folder / "done"); }

  Settings settings = testing::settings();

 private:
  TemporaryFolder folder_;
};

TEST(Local, DoesAllSharesInOrder) {
  const Place place;
  const auto plan = place.plan();
  testing::write_scripts(
      local_scripts(plan, make_shares(plan, testing::each_alone()), place.settings),
      place.settings.folder);
  EXPECT_EQ(place.run("sh submit.sh").code, 0);
  EXPECT_EQ(place.done(), "key:0 key:1 key:2 key:3 seg:0 seg:1 seg:2 film ");
}

TEST(Local, TriesAgainAfter75AndEndsAtAFailure) {
  const Place place;
  const auto plan = place.plan();
  testing::write_scripts(
      local_scripts(plan, make_shares(plan, testing::each_alone()), place.settings),
      place.settings.folder);
  EXPECT_EQ(place.run("FAILS=key:3 CODE=75 sh submit.sh").code, 0);
  EXPECT_EQ(place.done(), "key:0 key:1 key:2 key:3 key:3 seg:0 seg:1 seg:2 film ");
  place.forget();
  place.run("touch broken");
  EXPECT_EQ(place.run("FAILS=key:1 CODE=65 sh submit.sh 2>/dev/null").code, 65);
  EXPECT_EQ(place.done(), "key:0 key:1 ");
  place.forget();
  EXPECT_EQ(place.run("FAILS=key:0 CODE=75 sh submit.sh 2>/dev/null").code, 75);
  EXPECT_EQ(place.done(), "key:0 key:0 key:0 key:0 ");
}

TEST(Parallel, DoesStageByStageAndResumes) {
  if (!testing::is_installed("parallel")) GTEST_SKIP() << "GNU parallel is not installed";
  Place place;
  place.settings.at_once = 1;  // in order
  const auto plan = place.plan();
  testing::write_scripts(
      parallel_scripts(plan, make_shares(plan, testing::each_alone()), place.settings),
      place.settings.folder);
  place.run("touch broken");
  EXPECT_NE(place.run("FAILS=key:3 sh submit.sh 2>/dev/null").code, 0);
  EXPECT_EQ(place.done(), "key:0 key:1 key:2 key:3 key:3 key:3 ");
  place.forget();
  place.run("rm broken");
  EXPECT_EQ(place.run("FAILS=seg:1 sh submit.sh").code, 0);
  EXPECT_THAT(place.done(), HasSubstr("key:3 seg:0 seg:1 "));
  EXPECT_THAT(place.done(), Not(HasSubstr("key:2")));
  EXPECT_THAT(place.done(), ::testing::EndsWith("film "));
  place.forget();
  EXPECT_EQ(place.run("sh submit.sh").code, 0);
  EXPECT_EQ(place.done(), "");
}

TEST(Parallel, OnOtherMachinesWorksInTheSameFolder) {
  if (!testing::is_installed("parallel")) GTEST_SKIP() << "GNU parallel is not installed";
  Place place;
  place.settings.hosts = {"one", "two"};
  const auto plan = place.plan();
  testing::write_scripts(
      parallel_scripts(plan, make_shares(plan, testing::each_alone()), place.settings),
      place.settings.folder);
  // An ssh that stays here: HOST -- what the shell of the other machine is to do. Like ssh it
  // begins at home, from where GNU parallel names folders below home, and sets SHELL, without
  // which parallel does nothing and reports success.
  testing::write_program(place.settings.folder / "ssh-here",
                         "shift 2; cd && SHELL=/bin/sh exec sh -c \"$*\"\n");
  const TemporaryFolder elsewhere;
  for (const auto& home : {place.settings.folder.parent_path(), elsewhere.path()}) {
    SCOPED_TRACE(home);
    fs::remove_all(place.settings.folder / "logs");  // where what is done is remembered
    place.forget();
    const auto ran = place.run("unset SHELL; HOME='" + home.string() +
                               "' PARALLEL_SSH='sh ./ssh-here' sh submit.sh 2>&1");
    EXPECT_EQ(ran.code, 0) << ran.out;
    EXPECT_EQ(place.run("sort done | tr '\\n' ' '").out,
              "film key:0 key:1 key:2 key:3 seg:0 seg:1 seg:2 ");
  }
}

TEST(Parallel, ScriptsOfASmallPlanAreThese) {
  auto settings = testing::settings();
  settings.hosts = {"anna@one", "two"};
  const auto plan = plan_of();
  const auto shares = make_shares(plan, testing::each_alone());
  testing::expect_golden(text_of(parallel_scripts(plan, shares, settings), kSubmitScript),
                         "parallel-submit.sh");
  testing::expect_golden(text_of(local_scripts(plan, shares, settings), kSubmitScript),
                         "local-submit.sh");
}

TEST(Parallel, GivesAGpuOneShareAtATime) {
  const auto text = [](const testing::Film& film, int cores) {
    auto settings = testing::settings();
    settings.cores = cores;
    const auto plan = plan_of(film);
    return text_of(parallel_scripts(plan, make_shares(plan), settings), kSubmitScript);
  };
  EXPECT_THAT(text({.device = "cuda"}, 0), HasSubstr("--jobs 1 "));
  EXPECT_THAT(text({}, 0), HasSubstr("--jobs 100% "));
  EXPECT_THAT(text({}, 4), HasSubstr("--jobs 25% "));
}

TEST(Parallel, OfNothingLeftToDoHasNoScripts) {
  EXPECT_THAT(parallel_scripts(ClusterPlan{}, Shares{}, testing::settings()), IsEmpty());
  EXPECT_THAT(local_scripts(ClusterPlan{}, Shares{}, testing::settings()), IsEmpty());
}

}  // namespace
}  // namespace latentreel::cluster
