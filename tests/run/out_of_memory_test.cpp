#include "src/run/out_of_memory.h"

#include <ATen/ATen.h>
#include <c10/util/Exception.h>
#include <gtest/gtest.h>

#include <new>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "tests/run/recorded_progress.h"

namespace latentreel::render {
namespace {

TEST(OutOfMemory, IsKnownByItsKindOrItsAllocator) {
  EXPECT_TRUE(is_out_of_memory(std::bad_alloc()));
  EXPECT_FALSE(is_out_of_memory(std::runtime_error("out of memory")));
  EXPECT_TRUE(is_out_of_memory(std::runtime_error("could not create a primitive")));  // oneDNN's
  EXPECT_TRUE(is_out_of_memory(  // a thread that could not be made
      std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again))));
  EXPECT_FALSE(is_out_of_memory(std::system_error(std::make_error_code(std::errc::io_error))));
  try {
    at::empty({int64_t{1} << 50}, at::kByte);  // no machine has as much
    FAIL() << "a petabyte";
  } catch (const std::exception& error) {
    EXPECT_TRUE(is_out_of_memory(error)) << error.what();
  }
  for (const auto* text : {"CUDA error: out of memory",
                           "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate",
                           "cuDNN error: CUDNN_STATUS_ALLOC_FAILED"}) {
    try {
      TORCH_CHECK(false, text);
    } catch (const std::exception& error) {
      EXPECT_TRUE(is_out_of_memory(error)) << text;
    }
  }
  try {
    TORCH_CHECK(false, "a mistake");
  } catch (const std::exception& error) {
    EXPECT_FALSE(is_out_of_memory(error));
  }
}

TEST(MemoryBesideOthers, IsTriedAgainAlone) {
  Jobs jobs(2);
  int calls = 0;
  const auto work = [&] {
    if (++calls == 1) throw std::bad_alloc();
    return calls;
  };
  EXPECT_EQ(alone_if_memory_is_short(&jobs, work), 2);
  EXPECT_TRUE(jobs.memory().is_short());
  testing::RecordedProgress progress;
  say_if_memory_is_short(&jobs, progress);
  say_if_memory_is_short(&jobs, progress);
  EXPECT_EQ(progress.warnings.size(), 1U);
}

TEST(MemoryBesideOthers, ThatSufficesForNoneIsPassedOn) {
  Jobs two(2), one(1);
  const auto never = [&]() -> int { throw std::bad_alloc(); };
  EXPECT_THROW(alone_if_memory_is_short(&two, never), std::bad_alloc);
  EXPECT_THROW(alone_if_memory_is_short(&one, never), std::bad_alloc);
  EXPECT_FALSE(one.memory().is_short());
  EXPECT_THROW(alone_if_memory_is_short(nullptr, never), std::bad_alloc);
}

TEST(MemoryBesideOthers, OtherErrorsAreNotTriedAgain) {
  Jobs jobs(2);
  int calls = 0;
  const auto work = [&]() -> int {
    ++calls;
    throw std::runtime_error("something else");
  };
  EXPECT_THROW(alone_if_memory_is_short(&jobs, work), std::runtime_error);
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(jobs.memory().is_short());
}

}  // namespace
}  // namespace latentreel::render
