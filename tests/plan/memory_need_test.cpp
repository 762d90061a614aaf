#include "src/plan/memory_need.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <string>

#include "src/run/error.h"
#include "tests/optimize/tiny_pair.h"

namespace latentreel::render {
namespace {

class MemoryNeed : public ::testing::Test {
 protected:
  std::string check(double available) {
    return check_memory(job_, models_, static_cast<std::uint64_t>(available));
  }

  double step_of(int width, int height) {
    const auto size = std::to_string(width) + "x" + std::to_string(height);
    return bytes_of_a_step(testing::job_for(testing::small_scene(), {{"video.size", size}}),
                           models_, 1);
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
    // What it says fits, and a few cells more do not.
    const std::string text = error.what();
    std::smatch said;
    ASSERT_TRUE(std::regex_search(text, said, std::regex("size to \"(\\d+)x(\\d+)\" or less")));
    const int width = std::stoi(said[1]), height = std::stoi(said[2]);
    EXPECT_NEAR(width, 2 * height, 16);
    EXPECT_LE(step_of(width, height), 0.3 * step_);
    EXPECT_GT(step_of(width + 16, height + 16), 0.3 * step_);
    EXPECT_THAT(error.what(), ::testing::HasSubstr("output to \"640x320\""));
  }
}

// Attention was not counted: a film of 4096x4096 with the bundled pair was begun, filled 19 GB, and
// would have needed hundreds.
TEST_F(MemoryNeed, CountsWhatAttentionKeeps) {
  ASSERT_TRUE(models_.vqgan_config().middle_attention);
  const double cells = 4096.0 / static_cast<double>(models_.vqgan_config().factor());
  EXPECT_GT(step_of(4096, 4096), 3 * cells * cells * cells * cells * 2);
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
