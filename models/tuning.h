#pragma once

#include <c10/core/DeviceType.h>

#include <string>

namespace latentreel::models {

// How a kind of device computes: what changes its speed, its memory and the rounding of its
// results, and nothing else (the search for the nearest code is exact in any case). This is the one
// place where a choice for a device is made. Those for GPUs stay off until tests/device/check has
// shown on a GPU that they help.
struct Tuning {
  // Pictures and the weights of convolutions lie in memory as [N, H, W, C]. The CPU's convolutions
  // are faster that way, and our GroupNorm for the CPU works on it; on CUDA, GroupNorm has to copy
  // them.
  bool channels_last = false;
  // What precision = "auto" means: bfloat16, or float32.
  bool bfloat16 = false;
  // Products of float32 in TensorFloat-32 on devices that have it: 10 bits of mantissa in place of
  // 23. Off, float32 is float32 on every device, the reference for all else.
  bool tf32 = false;
  // Convolutions try their algorithms at the first call with some shape and take the fastest
  // (cuDNN's benchmark mode). Which one that is, and so the last bits, may differ from run to run.
  bool search_convolutions = false;
  // The steps of an optimization are captured and replayed (models/ops/device_graph.h), where the
  // kind of device can.
  bool graphs = false;

  friend bool operator==(const Tuning&, const Tuning&) = default;
};

// The settings that were found best for devices of that type.
Tuning tuning_of(c10::DeviceType type);

// The names of the settings that are on: "channels_last bfloat16". Empty where nothing is.
std::string names_of(const Tuning& tuning);

// `tuning` with the settings in `names` ("graphs tf32") turned on as well. Throws c10::Error for an
// unknown name.
Tuning with(Tuning tuning, const std::string& names);

// Applies the settings that LibTorch keeps for the whole process: tf32, search_convolutions.
void apply(const Tuning& tuning);

}  // namespace latentreel::models
