#include "src/run/task_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "src/files/error.h"
#include "src/plan/render_session.h"
#include "tests/optimize/tiny_pair.h"
#include "tests/run/recorded_progress.h"
#include "tests/temporary_folder.h"

namespace latentreel::render {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::RecordedProgress;

std::vector<int> numbers_of(const std::vector<IterationReport>& iterations) {
  std::vector<int> numbers;
  for (const auto& report : iterations) numbers.push_back(report.iteration);
  return numbers;
}

// Time goes on where a test says so.
class Watched : public ::testing::Test {
 protected:
  TaskWatch::Clock clock() {
    return [this] { return now_; };
  }
  json beat() const {
    std::ifstream in(heartbeat());
    return json::parse(in, nullptr, false);
  }
  fs::path heartbeat() const { return folder_ / "alive"; }

  TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
  RecordedProgress record_;
  StopToken stop_;
  double now_ = 1000;
};

TEST_F(Watched, WorkBeatsEveryFewSecondsAndTellsHowFarItIs) {
  TaskWatch watch({.heartbeat = heartbeat()}, record_, stop_, clock());
  EXPECT_EQ(beat()["task"], nullptr);
  EXPECT_EQ(beat()["pid"], getpid());
  watch.report(TaskChanged{"key:3", TaskState::started});
  stop_.check();
  EXPECT_EQ(beat()["task"], nullptr);  // not due
  now_ += 1;
  watch.report(IterationReport{.keyframe = 3, .iteration = 11, .iterations = 200});
  now_ += 2.5;
  stop_.check();
  EXPECT_EQ(beat()["task"], "key:3");
  EXPECT_EQ(beat()["done"], 12);
  EXPECT_EQ(beat()["of"], 200);
  EXPECT_EQ(beat()["seconds"], 3.5);
  watch.report(TaskChanged{"key:3", TaskState::finished});
  now_ += 3;
  watch.report(TaskChanged{"seg:7", TaskState::started});
  EXPECT_EQ(beat()["task"], "seg:7");
  EXPECT_EQ(beat()["done"], nullptr);
  watch.report(FramesWritten{40, 96, 0.1});
  now_ += 3;
  stop_.check();
  EXPECT_EQ(beat()["done"], 40);
  EXPECT_EQ(beat()["of"], 96);
}

TEST_F(Watched, EverythingIsPassedOn) {
  TaskWatch watch({.limit = 1800}, record_, stop_, clock());
  watch.report(TaskChanged{"key:3", TaskState::started});
  watch.report(IterationReport{.keyframe = 3, .iteration = 11, .iterations = 200});
  watch.report(Warning{"no room"});
  watch.report(TaskChanged{"key:3", TaskState::finished});
  watch.report(FramesWritten{.done = 40, .total = 96});
  watch.report(DoneReport{.output = "film.mp4"});
  EXPECT_THAT(record_.tasks, ::testing::ElementsAre("key:3 started", "key:3 finished"));
  EXPECT_EQ(numbers_of(record_.iterations), std::vector<int>{11});
  EXPECT_THAT(record_.warnings, ::testing::ElementsAre("no room"));
  EXPECT_EQ(record_.frames, 40);
  EXPECT_THAT(record_.outputs, ::testing::ElementsAre("film.mp4"));
}

TEST_F(Watched, WhatHangsDoesNotBeat) {
  TaskWatch watch({.heartbeat = heartbeat()}, record_, stop_, clock());
  watch.report(TaskChanged{"key:0", TaskState::started});
  now_ += 1000;  // nobody looks
  EXPECT_EQ(beat()["task"], nullptr);
  stop_.check();
  EXPECT_EQ(beat()["seconds"], 1000);
}

TEST_F(Watched, TheHeartbeatGoesWithTheRun) {
  {
    const TaskWatch watch({.heartbeat = heartbeat()}, record_, stop_, clock());
    EXPECT_TRUE(fs::exists(heartbeat()));
  }
  EXPECT_TRUE(fs::is_empty(folder_));
  now_ += 1000;
  stop_.check();  // nobody watches any more
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(Watched, AHeartbeatThatCannotBeWrittenIsKnownAtOnceAndLaterOnlySaid) {
  const auto start = [&](const fs::path& file) {
    const TaskWatch watch({.heartbeat = file}, record_, stop_, clock());
  };
  EXPECT_THROW(start(folder_ / "nowhere" / "alive"), files::FileError);
  TaskWatch watch({.heartbeat = heartbeat()}, record_, stop_, clock());
  fs::remove_all(folder_);
  for (int i = 0; i < 3; ++i) {
    now_ += 10;
    stop_.check();
  }
  EXPECT_THAT(record_.warnings, ::testing::ElementsAre(::testing::HasSubstr("alive")));
}

TEST_F(Watched, ATaskEndsWhenItsTimeIsUpAndEachHasItsOwn) {
  TaskWatch watch({.limit = 1800}, record_, stop_, clock());
  now_ += 5000;
  stop_.check();  // of no task
  for (const auto* name : {"key:0", "key:1"}) {
    watch.report(TaskChanged{name, TaskState::started});
    now_ += 1800;
    stop_.check();
    watch.report(TaskChanged{name, TaskState::finished});
  }
  watch.report(TaskChanged{"pace:0", TaskState::reused});
  now_ += 5000;
  stop_.check();
  watch.report(TaskChanged{"seg:2", TaskState::started});
  now_ += 1800.5;
  try {
    stop_.check();
    FAIL() << "a task without end";
  } catch (const Stopped& stopped) {
    EXPECT_STREQ(stopped.what(), "seg:2 took longer than its limit of 1800 seconds");
    EXPECT_NE(dynamic_cast<const TimeIsUp*>(&stopped), nullptr);
  }
}

TEST_F(Watched, TasksSideBySideEachHaveTheirTime) {
  TaskWatch watch({.limit = 1800, .heartbeat = heartbeat()}, record_, stop_, clock());
  watch.report(TaskChanged{"key:0", TaskState::started});
  now_ += 1000;
  watch.report(TaskChanged{"key:1", TaskState::started});
  watch.report(IterationReport{.keyframe = 1, .iteration = 5, .iterations = 200});
  watch.report(IterationReport{.keyframe = 0, .iteration = 90, .iterations = 200});
  now_ += 700;
  stop_.check();
  EXPECT_EQ(beat()["task"], "key:0");  // the older one
  EXPECT_EQ(beat()["done"], 91);
  watch.report(TaskChanged{"key:0", TaskState::finished});
  now_ += 1000;
  stop_.check();
  EXPECT_EQ(beat()["task"], "key:1");
  EXPECT_EQ(beat()["done"], 6);
  EXPECT_EQ(beat()["seconds"], 1700);
  now_ += 101;
  EXPECT_THROW(stop_.check(), TimeIsUp);
}

// Every look costs a second: the keyframe takes several runs, and nothing is done twice.
TEST_F(Watched, AKeyframeWhoseTimeIsUpIsSavedAndTheNextRunGoesOn) {
  auto job = testing::job_for(testing::small_scene(), {{"optimize.iterations", "8"}});
  const auto latent = [&](const fs::path& store, std::optional<double> limit, int& runs) {
    job.store = store;
    for (;; ++runs) {
      const TaskWatch::Clock clock = [this] { return now_ += 1; };
      TaskWatch watch({.limit = limit}, record_, stop_, clock);
      RenderSession session(job, watch, stop_);
      try {
        session.runner().task(session.plan().keys[0], folder_ / "film.mp4");
        return session.runner().record(0)->latent.z();
      } catch (const TimeIsUp& late) {
        EXPECT_THAT(late.what(), ::testing::HasSubstr("key:0"));
        EXPECT_FALSE(session.runner().done(session.plan().keys[0], {}));
      }
      if (runs > 20) throw std::runtime_error("no run came any further");
    }
  };
  int whole = 1, parts = 1;
  const auto undisturbed = latent(folder_ / "whole", std::nullopt, whole);
  EXPECT_EQ(whole, 1);
  record_.iterations.clear();
  const auto saved = latent(folder_ / "parts", 6, parts);
  EXPECT_GT(parts, 2);
  EXPECT_THAT(numbers_of(record_.iterations), ::testing::ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
  EXPECT_TRUE(at::equal(saved, undisturbed));
}

}  // namespace
}  // namespace latentreel::render
