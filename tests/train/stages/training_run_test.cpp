#include "src/train/stages/training_run.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "models/files/error.h"
#include "tests/temporary_folder.h"

namespace latentreel::training {
namespace {

namespace fs = std::filesystem;
using models::StateDict;
using models::WeightsError;
using ::testing::HasSubstr;

// Adds up what it is given; a run that skips or repeats a step has another sum. Asks for a stop in
// the step of a number that a test chooses.
class Summing : public Stage {
 public:
  Measures step(int64_t number, double part) override {
    sum_ = sum_ * 1.5 + static_cast<double>(number) + part;
    if (++steps == stop_at) stop.request(2);
    return {{"loss", 10.0 - static_cast<double>(number)}};
  }
  Measures test() override { return {{"score", sum_.item<double>()}}; }
  void begin_with(const StateDict& weights) override { restore(weights); }
  StateDict::Tensors state() const override { return {{"sum", sum_.clone()}}; }
  void restore(const StateDict& state) override { sum_ = state.at("sum").clone(); }
  StateDict result() const override { return StateDict({{"sum", sum_.clone()}}); }

  int steps = 0;
  int stop_at = -1;  // counted from 1; -1: none
  render::StopToken stop;

 private:
  at::Tensor sum_ = at::zeros({}, at::kDouble);
};

// Each of its steps takes three seconds.
class SlowSumming : public Summing {
 public:
  explicit SlowSumming(double& now) : now_(now) {}
  Measures step(int64_t number, double part) override {
    now_ += 3;
    return Summing::step(number, part);
  }

 private:
  double& now_;
};

RunOptions options(const TemporaryFolder& folder, int64_t steps) {
  RunOptions options;
  options.folder = folder.path();
  options.name = "sum";
  options.budget.steps = steps;
  return options;
}

bool run(Summing& stage, const RunOptions& options) {
  return run(stage, options, stage.stop);
}

double sum_of(const TemporaryFolder& folder) {
  return StateDict::load_safetensors(folder.path() / "sum.safetensors").at("sum").item<double>();
}

TEST(TrainingRun, DoesItsStepsAndLeavesACurveAndAResult) {
  const TemporaryFolder folder;
  Summing stage;
  EXPECT_TRUE(run(stage, options(folder, 50)));
  EXPECT_EQ(stage.steps, 50);
  const auto curve = read_curve(folder.path() / "sum.csv");
  ASSERT_FALSE(curve.empty());
  EXPECT_EQ(curve.back().step, 50);
  EXPECT_TRUE(curve.back().measures.contains("score"));
  EXPECT_LT(curve.back().measures.at("loss"), 0);
}

TEST(TrainingRun, StoppedAnywhereGoesOnToTheSameResult) {
  const TemporaryFolder whole;
  Summing stage;
  run(stage, options(whole, 40));

  const TemporaryFolder parts;
  for (int i = 0;; ++i) {
    ASSERT_LT(i, 40);
    Summing again;
    auto some = options(parts, 40);
    some.resume = true;
    again.stop_at = 7;
    if (run(again, some)) break;
  }
  EXPECT_EQ(sum_of(parts), sum_of(whole));
}

// Who needs another stage's network need not wait for its end.
TEST(TrainingRun, LeavesTheResultSoFarWithEachCheckpoint) {
  const TemporaryFolder folder;
  Summing stage;
  auto some = options(folder, 40);
  stage.stop_at = 7;
  EXPECT_FALSE(run(stage, some));
  EXPECT_EQ(sum_of(folder), stage.result().at("sum").item<double>());
}

TEST(TrainingRun, CountsMinutesOfWorkAndNotThePausesBetweenRuns) {
  const TemporaryFolder folder;
  double now = 1000;
  auto some = options(folder, 0);
  some.budget = {.steps = std::nullopt, .minutes = 1};
  some.clock = [&now] { return now += 0.5; };
  Summing first;
  first.stop_at = 10;
  EXPECT_FALSE(run(first, some));
  const auto begun = read_curve(folder.path() / "sum.csv").back().minutes;

  now += 1e6;
  Summing second;
  some.resume = true;
  EXPECT_TRUE(run(second, some));
  EXPECT_GT(begun, 0);
  EXPECT_NEAR(read_curve(folder.path() / "sum.csv").back().minutes, 1, 0.1);
}

TEST(TrainingRun, KeepsACheckpointEverySoManySeconds) {
  const TemporaryFolder folder;
  double now = 0;
  auto some = options(folder, 100);
  some.save_every = 30;
  some.clock = [&now] { return now; };
  int saved = 0;
  some.report = [&](const RunReport& report) { saved += report.saved; };
  SlowSumming stage(now);
  run(stage, some);
  EXPECT_EQ(saved, 11);  // after each ten steps, and at the end
}

std::string complaint(const TemporaryFolder& folder, bool resume, WeightsError::Kind kind) {
  Summing stage;
  auto some = options(folder, 10);
  some.resume = resume;
  try {
    run(stage, some);
  } catch (const WeightsError& error) {
    EXPECT_EQ(error.kind(), kind);
    return error.what();
  }
  return "none";
}

TEST(TrainingRun, NeverOverwritesWhatWasTrainedUnasked) {
  const TemporaryFolder folder;
  Summing stage;
  run(stage, options(folder, 10));
  EXPECT_THAT(complaint(folder, false, WeightsError::Kind::uncreatable), HasSubstr("--resume"));
  EXPECT_EQ(complaint(folder, true, WeightsError::Kind::invalid), "none");
}

TEST(TrainingRun, NamesADamagedCheckpoint) {
  const TemporaryFolder folder;
  Summing stage;
  run(stage, options(folder, 10));
  const auto file = folder.path() / "sum.checkpoint.safetensors";
  fs::resize_file(file, fs::file_size(file) - 3);
  EXPECT_THAT(complaint(folder, true, WeightsError::Kind::invalid),
              HasSubstr("sum.checkpoint.safetensors"));
  std::ofstream(file) << "{}";
  EXPECT_THAT(complaint(folder, true, WeightsError::Kind::invalid),
              HasSubstr("sum.checkpoint.safetensors"));
}

TEST(TrainingRun, SaysThatAFolderCannotBeMade) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "file") << "x";
  Summing stage;
  auto some = options(folder, 10);
  some.folder = folder.path() / "file" / "below";
  try {
    run(stage, some);
    FAIL();
  } catch (const WeightsError& error) {
    EXPECT_EQ(error.kind(), WeightsError::Kind::uncreatable);
    EXPECT_THAT(error.what(), HasSubstr("below"));
  }
}

}  // namespace
}  // namespace latentreel::training
