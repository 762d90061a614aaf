// The comparisons of this folder on the device that the environment names: LATENTREEL_TEST_DEVICE,
// fake (where it names none) or cuda. Where there is no such device they are passed over.

#include <gtest/gtest.h>

#include <cstdlib>
#include <string_view>

#include "src/run/device.h"
#include "src/run/error.h"
#include "tests/device/device_under_test.h"
#include "tests/device/fake/fake_device.h"

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  auto& device = latentreel::testing::under_test();
  device.pair = LATENTREEL_SOURCE_DIR "/models/tiny";
  const char* const name = std::getenv("LATENTREEL_TEST_DEVICE");
  if (name != nullptr && std::string_view(name) == "cuda") {
    try {
      device.device = latentreel::render::resolve_device("cuda").device;
    } catch (const latentreel::render::RenderError& error) {
      device.missing = std::string("Needs a CUDA device; here is none: ") + error.what();
    }
  } else {
    device.device = latentreel::testing::fake_device();
  }
  return RUN_ALL_TESTS();
}
