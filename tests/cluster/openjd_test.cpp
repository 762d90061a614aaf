#include "src/cluster/openjd.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "src/cluster/shell_text.h"
#include "tests/cluster/plans.h"
#include "tests/cluster/shell.h"
#include "tests/temporary_folder.h"

namespace latentreel::cluster {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using testing::Film;
using ::testing::IsEmpty;
using testing::plan_of;

json template_of(const Film& film, const ShareSettings& shares = testing::each_alone()) {
  const auto plan = plan_of(film);
  const auto scripts = openjd_scripts(plan, make_shares(plan, shares), testing::settings());
  return json::parse(testing::text_of(scripts, kTemplate));
}

json tasks_of(const json& step) {
  return step["parameterSpace"]["taskParameterDefinitions"][0]["range"];
}

TEST(OpenJd, HasAStepForEachStageBehindTheOneBefore) {
  const auto made = template_of({.keyframes = 3});
  ASSERT_EQ(made["steps"].size(), 4u);
  EXPECT_EQ(tasks_of(made["steps"][0]), json({"key:0", "key:1", "key:2"}));
  EXPECT_FALSE(made["steps"][0].contains("dependencies"));
  EXPECT_EQ(tasks_of(made["steps"][2]), json({"seg:0", "seg:1"}));
  EXPECT_EQ(made["steps"][3]["name"], "film");
  EXPECT_EQ(made["steps"][3]["dependencies"], json({{{"dependsOn", "seg-2"}}}));
}

TEST(OpenJd, TemplateOfASmallPlanIsThis) {
  const auto plan = plan_of();
  const auto shares = make_shares(plan, testing::each_alone());
  testing::expect_golden(
      testing::text_of(openjd_scripts(plan, shares, testing::settings()), kTemplate),
      "openjd-template.json");
}

TEST(OpenJd, DividesAStageThatIsTooLongForAList) {
  const auto made = template_of({.keyframes = 1030, .paced = false});
  ASSERT_EQ(made["steps"].size(), 5u);
  std::set<std::string> tasks;
  for (const auto& step : made["steps"]) {
    EXPECT_LE(tasks_of(step).size(), 1024u);
    for (const auto& task : tasks_of(step)) EXPECT_TRUE(tasks.insert(task).second);
  }
  EXPECT_EQ(tasks.size(), 1030u + 1029 + 1);
  EXPECT_EQ(made["steps"][4]["dependencies"].size(), 2u);
}

TEST(OpenJd, AsksForWhatAShareNeeds) {
  const auto amounts =
      template_of({.device = "cuda", .threads = 2})["steps"][0]["hostRequirements"]["amounts"];
  EXPECT_EQ(amounts[0], json({{"name", "amount.worker.vcpu"}, {"min", 2}}));
  EXPECT_EQ(amounts[1], json({{"name", "amount.worker.memory"}, {"min", 1280}}));
  EXPECT_EQ(amounts[2], json({{"name", "amount.worker.gpu"}, {"min", 1}}));
  EXPECT_EQ(template_of({})["steps"][0]["hostRequirements"]["amounts"].size(), 2u);
}

TEST(OpenJd, OfNothingLeftToDoHasNoTemplate) {
  EXPECT_THAT(openjd_scripts(ClusterPlan{}, Shares{}, testing::settings()), IsEmpty());
}

// Its own program, of PyPI's openjd-cli: the tests' Python's, else one in PATH. By the module, as a
// Python that was moved has programs that look for it where it was.
std::string openjd() {
  const auto module = shell_quoted(LATENTREEL_TEST_PYTHON) + " -m openjd";
  if (testing::run_shell(module + " --version > /dev/null 2>&1", "/").code == 0) return module;
  return testing::is_installed("openjd") ? "openjd" : "";
}

TEST(OpenJd, IsAcceptedAndRunByItsOwnProgram) {
  if (openjd().empty()) GTEST_SKIP() << "openjd-cli is not installed";
  const TemporaryFolder folder;
  auto settings = testing::settings();
  settings.folder = folder / "{{it's}} $(x)";
  settings.store = folder / "store";
  settings.program = folder / "latent reel";
  testing::write_program(settings.program,
                         "echo \"$1 $3 $4\" >> '" + (folder / "done").string() + "'\n");
  const auto plan = plan_of({.keyframes = 3, .paced = false}, folder / "{{it's}} plan.json");
  const auto shares = make_shares(plan, {.seconds = 200, .machines = 1});
  testing::write_scripts(openjd_scripts(plan, shares, settings), settings.folder);
  const auto check = testing::run_shell(openjd() + " check template.json 2>&1", settings.folder);
  EXPECT_EQ(check.code, 0) << check.out;
  const auto run = testing::run_shell(
      openjd() + " run template.json --step film --run-dependencies 2>&1", settings.folder);
  EXPECT_EQ(run.code, 0) << run.out;
  EXPECT_EQ(folder.read("done"),
            "task key:0 key:1\ntask key:2 --store\ntask seg:0 seg:1\ntask film --store\n");
}

}  // namespace
}  // namespace latentreel::cluster
