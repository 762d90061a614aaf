#pragma once

#include <optional>
#include <string>

#include "src/render/device.h"
#include "src/render/error.h"

namespace latentreel::render::testing {

struct CudaDevice {
  std::optional<c10::Device> device;
  std::string missing;  // why there is none: a sentence
};

// This machine's first CUDA device. LibTorch asks for CUDA once, so the first call must come before
// the first tensor.
inline const CudaDevice& cuda() {
  static const CudaDevice found = [] {
    try {
      return CudaDevice{.device = resolve_device("cuda").device, .missing = {}};
    } catch (const RenderError& error) {
      return CudaDevice{
          .device = {},
          .missing = std::string("Needs a CUDA device; here is none: ") + error.what()};
    }
  }();
  return found;
}

}  // namespace latentreel::render::testing
