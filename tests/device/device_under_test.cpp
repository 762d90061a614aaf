#include "tests/device/device_under_test.h"

#include "tests/optimize/pair_files.h"

namespace latentreel::testing {

DeviceUnderTest& under_test() {
  static DeviceUnderTest device;
  return device;
}

render::Machine machine_under_test() {
  const auto device = under_test().device.value();
  return render::resolve_machine(
      device, 0, models::with(models::tuning_of(device.type()), under_test().tuning));
}

render::ModelFiles pair_files() {
  return render::testing::files_in(under_test().pair);
}

}  // namespace latentreel::testing
