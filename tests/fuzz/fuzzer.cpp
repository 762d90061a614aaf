#include <cstddef>
#include <cstdint>

#include "tests/fuzz/targets.h"

// One program a target: LATENTREEL_FUZZ_TARGET names its function.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  latentreel::models::LATENTREEL_FUZZ_TARGET({reinterpret_cast<const std::byte*>(data), size});
  return 0;
}
