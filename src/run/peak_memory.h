#pragma once

namespace latentreel::render {

// The peak memory of this process since this object was made, where the kernel can reset its
// counter, else of the whole run. CPU memory only, not that of another device. One may be made
// while another lives, by the same thread, and ends before it.
class PeakMemory {
 public:
  PeakMemory();
  ~PeakMemory();
  PeakMemory(const PeakMemory&) = delete;
  PeakMemory& operator=(const PeakMemory&) = delete;

  double bytes() const;  // 0 where it is not known

 private:
  PeakMemory* outer_;  // the one that lived already
  double seen_ = 0;    // until an inner one reset the counter
};

// What this process holds now, in bytes; 0 where it is not known.
double memory_in_use();

}  // namespace latentreel::render
