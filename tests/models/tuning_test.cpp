#include "models/tuning.h"

#include <ATen/Context.h>
#include <c10/util/Exception.h>
#include <gtest/gtest.h>

namespace latentreel::models {
namespace {

constexpr auto kCuda = c10::DeviceType::CUDA;

TEST(Tuning, IsCalledByItsNames) {
  EXPECT_EQ(names_of({}), "");
  EXPECT_EQ(names_of(with({}, "graphs tf32")), "tf32 graphs");
  EXPECT_EQ(with({.bfloat16 = true}, ""), (Tuning{.bfloat16 = true}));
  EXPECT_EQ(with({}, names_of({.channels_last = true, .search_convolutions = true})),
            (Tuning{.channels_last = true, .search_convolutions = true}));
  EXPECT_THROW(with({}, "graphs,tf32"), c10::Error);
  EXPECT_THROW(with({}, "speed"), c10::Error);
}

// What is not measured yet is off.
TEST(Tuning, OfAGpuIsPlain) {
  EXPECT_EQ(tuning_of(kCuda), (Tuning{.bfloat16 = true}));
  EXPECT_TRUE(tuning_of(c10::DeviceType::CPU).channels_last);
}

TEST(Tuning, AppliesToTheWholeProcess) {
  apply(with({}, "tf32 search_convolutions"));
  EXPECT_TRUE(at::globalContext().allowTF32CuDNN());
  EXPECT_TRUE(at::globalContext().allowTF32CuBLAS());
  EXPECT_TRUE(at::globalContext().benchmarkCuDNN());
  apply({});
  EXPECT_FALSE(at::globalContext().allowTF32CuDNN());
  EXPECT_FALSE(at::globalContext().allowTF32CuBLAS());
  EXPECT_FALSE(at::globalContext().benchmarkCuDNN());
}

}  // namespace
}  // namespace latentreel::models
