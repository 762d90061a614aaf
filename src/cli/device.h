#pragma once

#include <c10/core/Device.h>

#include <string>

namespace latentreel::cli {

// The device that `--device` names: auto, cpu, cuda or cuda:N. Loads LibTorch's CUDA library where
// CUDA is wanted and there; must be called before the first tensor exists, since LibTorch asks for
// CUDA once and remembers the answer. `auto` that ends on the CPU although the machine has an
// NVIDIA GPU says why on standard error. Throws RenderError (device) for a device that is not
// there.
c10::Device resolve_device(const std::string& name);

// Whether `name` is one that resolve_device understands.
bool is_device_name(const std::string& name);

}  // namespace latentreel::cli
