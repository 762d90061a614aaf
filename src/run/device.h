#pragma once

#include <c10/core/Device.h>

#include <string>

namespace latentreel::render {

// What a device's name stands for on this machine.
struct DeviceChoice {
  c10::Device device = c10::kCPU;
  // Why `auto` passed over a GPU that is there, or what of it cannot be used; else empty.
  std::string warning;
};

// The device that `name` stands for: auto, cpu, cuda or cuda:N. Loads LibTorch's CUDA library where
// CUDA is wanted and there; must be called before the first tensor exists, since LibTorch asks for
// CUDA once and remembers the answer. Throws RenderError (device) for a device that is not there.
DeviceChoice resolve_device(const std::string& name);

// Whether `name` is one that resolve_device understands.
bool is_device_name(const std::string& name);

}  // namespace latentreel::render
