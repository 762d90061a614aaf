#pragma once

namespace latentreel::render {

// The peak memory of this process since this object was made, where the kernel can reset its
// counter, else of the whole run. CPU memory only, not that of another device.
class PeakMemory {
 public:
  PeakMemory();
  double bytes() const;  // 0 where it is not known
};

// What this process holds now, in bytes; 0 where it is not known.
double memory_in_use();

}  // namespace latentreel::render
