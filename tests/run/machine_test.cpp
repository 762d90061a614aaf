#include "src/run/machine.h"

#include <gtest/gtest.h>

namespace latentreel::render {
namespace {

// Its kind is part of every hash: another way to compute may give other bits.
TEST(Machine, SaysHowItComputesWhereThatIsNotTheUsualWay) {
  const auto usual = resolve_machine(at::kCPU, 2);
  EXPECT_EQ(usual.kind.find(" with "), std::string::npos) << usual.kind;
  const auto other = resolve_machine(at::kCPU, 2, models::with(usual.tuning, "graphs"));
  EXPECT_NE(other.kind.find(" with channels_last"), std::string::npos) << other.kind;
  EXPECT_NE(other.kind.find("graphs, LibTorch"), std::string::npos) << other.kind;
}

TEST(Machine, PlacesNetworksAsItsTuningSays) {
  const auto machine = resolve_machine(at::kCPU, 2, {.bfloat16 = true});
  EXPECT_EQ(machine.dtype(scenes::Precision::automatic), at::kBFloat16);
  EXPECT_EQ(machine.dtype(scenes::Precision::float32), at::kFloat);
  const auto placement = machine.placement(scenes::Precision::automatic);
  EXPECT_EQ(placement.picture_format(), at::MemoryFormat::Contiguous);
  EXPECT_EQ(resolve_machine(at::kCPU, 2).placement(scenes::Precision::float32).picture_format(),
            at::MemoryFormat::ChannelsLast);
}

}  // namespace
}  // namespace latentreel::render
