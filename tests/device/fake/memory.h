#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/CachingDeviceAllocator.h>

#include <array>
#include <cstddef>
#include <mutex>

// The memory of the fake device: the host's, behind addresses that no host can read.

namespace latentreel::testing {

inline constexpr c10::DeviceIndex kFakeDevices = 2;

// The current one of them, of this thread.
c10::DeviceIndex& current_fake_device();

class FakeMemory final : public c10::DeviceAllocator {
 public:
  static FakeMemory& of_both();

  // Of the current device. Throws c10::OutOfMemoryError beyond the limit.
  c10::DataPtr allocate(size_t bytes) override;
  c10::DeleterFnPtr raw_deleter() const override { return nullptr; }
  void copy_data(void* to, const void* from, std::size_t bytes) const override;

  bool initialized() override { return true; }
  void emptyCache(c10::MempoolId_t) override {}
  void recordStream(const c10::DataPtr&, c10::Stream) override {}
  c10::CachingDeviceAllocator::DeviceStats getDeviceStats(c10::DeviceIndex device) override;
  void resetAccumulatedStats(c10::DeviceIndex) override {}
  void resetPeakStats(c10::DeviceIndex device) override;

  // Both together may hold so many bytes beyond what they hold.
  void limit(size_t more);
  void unlimit();

 private:
  struct Block;
  static void free_block(void* block);

  std::mutex mutex_;
  std::array<c10::CachingAllocator::Stat, kFakeDevices> held_;
  size_t limit_ = static_cast<size_t>(-1);
};

// The address of the host behind one of the device.
void* host_address(void* device_address);

bool is_fake(const at::Tensor& tensor);

// The same numbers for the host to work with, in the same memory: `tensor` itself where it is the
// host's.
at::Tensor on_host(const at::Tensor& tensor);

}  // namespace latentreel::testing
