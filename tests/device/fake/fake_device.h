#pragma once

#include <c10/core/Device.h>

#include <cstddef>

// A device that is none: a backend of LibTorch (its place for private ones, PrivateUse1) whose
// memory is the host's and whose operators run on the CPU. It is as strict as a GPU, so that what
// one would stumble over is found on any machine:
//
//   - Its addresses are none that a host can read: code that takes a tensor's data_ptr without
//     copying the tensor to the CPU first ends in a segmentation fault.
//   - An operator that is given tensors of two devices throws c10::Error. As on CUDA, only indices
//   may
//     come from the host, and numbers (tensors of no dimension) beside tensors of the device.
//   - Norms that are given numbers of two types throw.
//   - An operator that is given a generator of the host throws too.
//   - New memory holds no zeros: floating-point numbers in it are not numbers.
//   - Memory can be made short. What does not fit throws c10::OutOfMemoryError.
//   - There are two of them, and the current one is the first. Whoever names a device without its
//     number gets the wrong one, and so the error about two devices.
//   - Gradients are computed on a thread of the device's own, as LibTorch does for every device.
//   - Its work can be captured and replayed (models/ops/device_graph.h). While it is captured,
//   reading
//     a value on the host or bringing one from there throws.
//
// What it cannot show: rounding, speed, work that is still under way when it is looked at, and
// captured work whose tensors are gone before it is replayed (here the capture keeps them).

namespace latentreel::testing {

// The second of the two. The first call makes LibTorch know the device; it must come before the
// first backward pass of the process.
c10::Device fake_device();

// While it lives, both devices together hold no more than `bytes` beyond what they hold already.
// One at a time.
class MemoryLimit {
 public:
  explicit MemoryLimit(std::size_t bytes);
  ~MemoryLimit();
  MemoryLimit(const MemoryLimit&) = delete;
  MemoryLimit& operator=(const MemoryLimit&) = delete;
};

}  // namespace latentreel::testing
