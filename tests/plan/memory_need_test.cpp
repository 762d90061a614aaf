#include "src/plan/memory_need.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/run/error.h"
#include "tests/optimize/tiny_pair.h"

namespace latentreel::render {
namespace {

class MemoryNeed : public ::testing::Test {
 protected:
  std::string check(double available) {
    return check_memory(job_, models_, static_cast<std::uint64_t>(available));
  }

  RenderJob job_ = testing::job_for(testing::small_scene(), {{"video.size", "640x320"}});
  ModelPack models_{job_.models, job_.machine};
  double networks_ = bytes_of_networks(job_, models_);
  double step_ = bytes_of_a_step(job_, models_, 1);
};

TEST_F(MemoryNeed, IsNothingToSpeakOfWhereThereIsEnough) {
  EXPECT_EQ(check(networks_ + step_ + 1), "");
}

TEST_F(MemoryNeed, ThatMayJustFitIsSaid) {
  EXPECT_THAT(check(networks_ + 0.9 * step_), ::testing::HasSubstr("it may just fit"));
}

TEST_F(MemoryNeed, ThatCannotBeMetEndsTheWorkBeforeItsBeginning) {
  try {
    check(networks_ + 0.3 * step_);
    FAIL() << "a step that cannot fit";
  } catch (const RenderError& error) {
    EXPECT_EQ(error.kind(), RenderError::Kind::device);
    EXPECT_THAT(error.what(), ::testing::StartsWith("optimizing pictures of 640x320: "));
    // The square root of 0.3, in cells of 8 pixels.
    EXPECT_THAT(error.what(), ::testing::HasSubstr("size to \"344x168\" or less"));
    EXPECT_THAT(error.what(), ::testing::HasSubstr("output to \"640x320\""));
  }
}

TEST_F(MemoryNeed, OfOtherWorkersIsLeftToThem) {
  job_.sharers = 4;
  EXPECT_THROW(check(networks_ + step_ + 1), RenderError);
}

TEST_F(MemoryNeed, OfAnotherDeviceIsNotKnown) {
  EXPECT_EQ(check_memory(job_, models_, std::nullopt), "");
  job_.machine.device = at::Device(at::kCUDA, 0);
  EXPECT_EQ(check(0), "");
}

}  // namespace
}  // namespace latentreel::render
