#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "models/placement.h"
#include "scenes/scene.h"

namespace latentreel::render {

// What a result may depend on besides the scene and its files, resolved once before anything is
// optimized, and part of every keyframe's hash.
struct Machine {
  at::Device device = at::kCPU;
  int threads = 1;  // of LibTorch on the CPU, for each piece of work
  // Instruction set or GPU, how it computes where that is not the usual way, and LibTorch's
  // version: "cpu AVX2, LibTorch 2.11.0".
  std::string kind = "cpu";
  models::Tuning tuning;
  int frame_group = 1;  // frames decoded at once: more only where that is faster

  // The number type of the networks for the precision that a scene asks for.
  at::ScalarType dtype(scenes::Precision precision) const;
  models::Placement placement(scenes::Precision precision) const {
    return {device, dtype(precision), tuning};
  }
};

// How many cores this process may use.
int usable_cores();

// The machine this process runs on. `device` is resolved already (device.h); `threads` 0 means one:
// cores are used by work done side by side (jobs.h), which changes no bit. `tuning`: by default
// what works best on that type of device. Sets what LibTorch holds for the whole process: threads,
// and the process-wide parts of `tuning`.
Machine resolve_machine(at::Device device, int threads);
Machine resolve_machine(at::Device device, int threads, const models::Tuning& tuning);

}  // namespace latentreel::render
