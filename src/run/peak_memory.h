#pragma once

namespace latentreel::render {

// The most memory of this process since it was made, where the kernel can start anew, else of the
// whole run. Of the CPU; a device's own memory is not in it.
class PeakMemory {
 public:
  PeakMemory();
  double bytes() const;  // 0 where it is not known
};

}  // namespace latentreel::render
