#include "tests/device/fake/memory.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>

#include "tests/device/fake/fake_device.h"

namespace latentreel::testing {
namespace {

constexpr size_t kUnlimited = std::numeric_limits<size_t>::max();

// Added to an address of the host, it gives one that no x86-64 or Arm processor will read.
constexpr std::uintptr_t kAway = std::uintptr_t{1} << 62;

void* device_address(void* host_address) {
  return reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(host_address) + kAway);
}

}  // namespace

void* host_address(void* device_address) {
  if (device_address == nullptr) return nullptr;
  return reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(device_address) - kAway);
}

c10::DeviceIndex& current_fake_device() {
  thread_local c10::DeviceIndex current = 0;
  return current;
}

// --- Allocation ----------------------------------------------------------------------------------

struct FakeMemory::Block {
  Block(size_t size, c10::DeviceIndex index)
      : bytes(size), device(index), host(std::aligned_alloc(64, (size + 63) / 64 * 64)) {
    TORCH_CHECK(host != nullptr, "the host has no ", size, " bytes for the fake device");
    std::memset(host.get(), 0xff, size);  // not a number, in every floating-point type
  }

  struct Free {
    void operator()(void* pointer) const { std::free(pointer); }
  };
  size_t bytes;
  c10::DeviceIndex device;
  std::unique_ptr<void, Free> host;
};

FakeMemory& FakeMemory::of_both() {
  static auto& memory = *new FakeMemory;  // outlives every tensor
  return memory;
}

c10::DataPtr FakeMemory::allocate(size_t bytes) {
  const auto index = current_fake_device();
  const c10::Device device(c10::kPrivateUse1, index);
  if (bytes == 0) return {nullptr, device};
  const std::lock_guard lock(mutex_);
  size_t held = 0;
  for (const auto& stat : held_) held += static_cast<size_t>(stat.current);
  TORCH_CHECK_WITH(OutOfMemoryError, held + bytes <= limit_, "fake device out of memory: ", bytes,
                   " bytes asked for, ", limit_ - std::min(held, limit_), " are free");
  auto block = std::make_unique<Block>(bytes, index);
  held_[static_cast<size_t>(index)].increase(bytes);
  void* const address = device_address(block->host.get());
  return {address, block.release(), &free_block, device};
}

void FakeMemory::free_block(void* pointer) {
  const std::unique_ptr<Block> block(static_cast<Block*>(pointer));
  auto& memory = of_both();
  const std::lock_guard lock(memory.mutex_);
  memory.held_[static_cast<size_t>(block->device)].decrease(block->bytes);
}

void FakeMemory::copy_data(void* to, const void* from, std::size_t bytes) const {
  std::memcpy(host_address(to), host_address(const_cast<void*>(from)), bytes);
}

// --- What is held --------------------------------------------------------------------------------

c10::CachingDeviceAllocator::DeviceStats FakeMemory::getDeviceStats(c10::DeviceIndex device) {
  const std::lock_guard lock(mutex_);
  c10::CachingDeviceAllocator::DeviceStats stats;
  stats.allocated_bytes[static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE)] =
      held_[static_cast<size_t>(device)];
  return stats;
}

void FakeMemory::resetPeakStats(c10::DeviceIndex device) {
  const std::lock_guard lock(mutex_);
  held_[static_cast<size_t>(device)].reset_peak();
}

void FakeMemory::limit(size_t more) {
  const std::lock_guard lock(mutex_);
  limit_ = more;
  for (const auto& stat : held_) limit_ += static_cast<size_t>(stat.current);
}

void FakeMemory::unlimit() {
  const std::lock_guard lock(mutex_);
  limit_ = kUnlimited;
}

MemoryLimit::MemoryLimit(std::size_t bytes) {
  FakeMemory::of_both().limit(bytes);
}

MemoryLimit::~MemoryLimit() {
  FakeMemory::of_both().unlimit();
}

// --- Tensors -------------------------------------------------------------------------------------

bool is_fake(const at::Tensor& tensor) {
  return tensor.device().type() == c10::kPrivateUse1;
}

at::Tensor on_host(const at::Tensor& tensor) {
  if (!is_fake(tensor)) return tensor;
  auto* data = static_cast<char*>(host_address(tensor.storage().data_ptr().get()));
  if (data != nullptr) {
    data += tensor.storage_offset() * static_cast<int64_t>(tensor.element_size());
  }
  return at::from_blob(data, tensor.sizes(), tensor.strides(),
                       at::TensorOptions().dtype(tensor.dtype()));
}

}  // namespace latentreel::testing
