#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace latentreel::testing {

// A kernel of the device, or on the CPU an operator of LibTorch, that was running.
struct Kernel {
  std::string name;
  int64_t calls = 0;
  double seconds = 0;  // together; an operator's without those that it calls
};

// What ran while `work` did, the longest first. Seconds are the device's own (CUPTI, through
// LibTorch's profiler).
std::vector<Kernel> kernels_of(const std::function<void()>& work, c10::Device device);

}  // namespace latentreel::testing
