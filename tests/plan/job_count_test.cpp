#include "src/plan/job_count.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "tests/optimize/tiny_pair.h"

namespace latentreel::render {
namespace {

class JobCounts : public ::testing::Test {
 protected:
  JobCount count(std::optional<std::uint64_t> available) {
    return count_jobs(job_, models_, available);
  }

  RenderJob job_ = [] {
    auto job = testing::job_for(testing::small_scene());
    job.jobs = 0;
    job.machine.threads = 1;
    return job;
  }();
  ModelPack models_{job_.models, job_.machine};
};

TEST_F(JobCounts, AreOneACore) {
  const auto all = count(std::uint64_t{1} << 50);
  EXPECT_EQ(all.jobs, usable_cores());
  EXPECT_EQ(all.limit, JobCount::Limit::cores);
  EXPECT_EQ(count(std::nullopt).jobs, usable_cores());  // of memory nothing is known
  job_.machine.threads = 2 * usable_cores();
  EXPECT_EQ(count(std::nullopt).jobs, 1);
}

TEST_F(JobCounts, AreAsManyAsMemoryHolds) {
  const auto one = count(0);
  EXPECT_EQ(one.jobs, 1);
  if (usable_cores() > 1) {
    EXPECT_EQ(one.limit, JobCount::Limit::memory);
  }
  const auto networks = models_.bytes_to_load(scenes::Precision::automatic);
  const auto two = count(static_cast<std::uint64_t>(networks + 3 * one.bytes_each));
  EXPECT_EQ(two.jobs, std::min(2, usable_cores()));
}

TEST_F(JobCounts, AreWhatThePersonAsksFor) {
  job_.jobs = 7;
  const auto asked = count(0);
  EXPECT_EQ(asked.jobs, 7);
  EXPECT_EQ(asked.limit, JobCount::Limit::asked);
}

TEST_F(JobCounts, AreOneOnAnotherDevice) {
  job_.machine.device = at::Device(at::kCUDA, 0);
  EXPECT_EQ(count(std::nullopt).jobs, 1);
}

TEST_F(JobCounts, KnowThatLargerPicturesTakeMore) {
  const auto before = count(std::nullopt).bytes_each;
  EXPECT_GT(before, 1e6);
  job_.scene.video.width *= 2;
  job_.scene.video.height *= 2;
  const auto after = count(std::nullopt).bytes_each;
  EXPECT_GT(after, 1.2 * before);
  EXPECT_LT(after, 4 * before);  // what CLIP needs stays
}

}  // namespace
}  // namespace latentreel::render
