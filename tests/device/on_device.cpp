#include "tests/device/on_device.h"

namespace latentreel::testing {

void OnDevice::SetUp() {
  if (!under_test().device) GTEST_SKIP() << under_test().missing;
  here_machine = render::resolve_machine(at::kCPU, 2);
  there_machine = machine_under_test();
  here.emplace(pair_files(), here_machine);
  there.emplace(pair_files(), there_machine);
}

void expect_same(const at::Tensor& again, const at::Tensor& once) {
  if (under_test().device->type() == c10::kCUDA) {
    EXPECT_LT(difference(again, once), 1e-2);
  } else {
    EXPECT_TRUE(at::equal(again, once));
  }
}

double cosine(const at::Tensor& a, const at::Tensor& b) {
  return at::cosine_similarity(a.flatten(), b.flatten(), 0).item<double>();
}

double difference(const at::Tensor& a, const at::Tensor& b) {
  return ((a - b).norm() / b.norm()).item<double>();
}

}  // namespace latentreel::testing
