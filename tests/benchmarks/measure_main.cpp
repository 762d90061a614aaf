#include "src/run/device.h"
#include "src/run/error.h"
#include "tests/benchmarks/measure.h"
#include "tests/device/device_under_test.h"

// Looks for CUDA before the first tensor exists.
int main(int argc, char** argv) {
  auto& device = latentreel::testing::under_test();
  device.pair = LATENTREEL_SOURCE_DIR "/models/tiny";
  try {
    device.device = latentreel::render::resolve_device("cuda").device;
  } catch (const latentreel::render::RenderError& error) {
    device.missing = error.what();
  }
  return latentreel::benchmarks::run(argc, argv);
}
