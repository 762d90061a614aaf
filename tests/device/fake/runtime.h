#pragma once

#include <ATen/core/Generator.h>

// What LibTorch's own machinery asks of the fake device: which one is current, its streams and
// events, its random numbers.

namespace latentreel::testing {

// The generator of the host whose numbers a generator of the device gives.
at::Generator numbers_of_host(const at::Generator& generator);

}  // namespace latentreel::testing
