#include "src/optimize/memory.h"

#include <ATen/ATen.h>
#include <c10/util/Exception.h>
#include <gtest/gtest.h>

#include <cmath>
#include <new>
#include <stdexcept>
#include <vector>

#include "src/optimize/keyframes.h"
#include "tests/optimize/tiny_pair.h"

namespace latentreel::render {
namespace {

using testing::small_scene;
using testing::test_machine;
using testing::tiny_files;

// An optimization of few cutouts, and what it does when its memory is said to be too small.
class ScarceMemory : public ::testing::Test {
 protected:
  KeyframeOptimizer begin(int64_t chunk) {
    auto optimizer = maker_.begin(maker_.passes(0).back(), std::nullopt);
    optimizer.set_chunk(chunk);
    return optimizer;
  }

  Iteration step(KeyframeOptimizer& optimizer) {
    return step_within_memory(optimizer, never_, [&](int64_t chunk) { halved_.push_back(chunk); });
  }

  // Throws `error` in place of the gradient as long as more than `fits` cutouts are taken at once.
  template <class Error>
  void suffice_for(KeyframeOptimizer& optimizer, int64_t fits, const Error& error) {
    optimizer.observe([&optimizer, fits, error](const GradientView&) {
      if (optimizer.chunk() > fits) throw error;
    });
  }

  static c10::OutOfMemoryError out_of_memory() {
    return {{__func__, __FILE__, static_cast<uint32_t>(__LINE__)}, "no memory left"};
  }

  scenes::Scene scene_ = scenes::parse_scene(small_scene(), "test.toml", {});
  Machine machine_ = test_machine();
  ModelPack models_{tiny_files(), machine_};
  NoProgress quiet_;
  StopToken never_;
  KeyframeMaker maker_{scene_, models_, machine_, nullptr, quiet_, never_};
  std::vector<int64_t> halved_;
};

TEST_F(ScarceMemory, HalvesTheChunkAndGoesOnToAlmostTheSame) {
  auto plain = begin(4), scarce = begin(4);
  suffice_for(scarce, 2, out_of_memory());
  for (int i = 0; i < 3; ++i) {
    const auto expected = step(plain), got = step(scarce);
    EXPECT_EQ(got.number, i);
    EXPECT_NEAR(got.loss, expected.loss, 1e-4 * std::abs(expected.loss));
  }
  EXPECT_EQ(halved_, std::vector<int64_t>{2});  // and it stays so
  EXPECT_EQ(scarce.chunk(), 2);
  EXPECT_EQ(scarce.history().size(), 3u);
  const auto difference = (scarce.z() - plain.z()).abs().max().item<double>();
  EXPECT_LT(difference, 1e-2 * plain.z().abs().max().item<double>());
}

TEST_F(ScarceMemory, GoesDownToSingleCutouts) {
  auto scarce = begin(16);
  suffice_for(scarce, 1, std::bad_alloc());
  step(scarce);
  EXPECT_EQ(halved_, (std::vector<int64_t>{8, 4, 2, 1}));
}

TEST_F(ScarceMemory, BelowThatIsAnErrorThatLosesNothing) {
  auto plain = begin(4), scarce = begin(4);
  step(plain);
  step(scarce);
  suffice_for(scarce, 0, out_of_memory());
  EXPECT_THROW(step(scarce), c10::OutOfMemoryError);
  EXPECT_EQ(halved_, (std::vector<int64_t>{2, 1}));
  EXPECT_EQ(scarce.history().size(), 1u);
  EXPECT_TRUE(at::equal(scarce.z(), plain.z()));
}

TEST_F(ScarceMemory, OtherErrorsAreNotTried) {
  auto optimizer = begin(4);
  suffice_for(optimizer, 0, std::runtime_error("something else"));
  EXPECT_THROW(step(optimizer), std::runtime_error);
  EXPECT_TRUE(halved_.empty());
}

}  // namespace
}  // namespace latentreel::render
