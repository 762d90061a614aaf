#include "src/run/peak_memory.h"

#include <fstream>
#include <string>

namespace latentreel::render {

// Linux: "5" sets the high-water mark to what is held now.
PeakMemory::PeakMemory() {
  std::ofstream("/proc/self/clear_refs") << "5";
}

double PeakMemory::bytes() const {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kilobytes = 0;
    if (word == "VmHWM:" && status >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

}  // namespace latentreel::render
