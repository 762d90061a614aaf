#include "src/run/peak_memory.h"

#include <fstream>
#include <string>

namespace latentreel::render {

namespace {

// A line of what Linux tells of a process, "VmRSS:", in bytes.
double status_bytes(const std::string& line) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kilobytes = 0;
    if (word == line && status >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

}  // namespace

// Linux: "5" sets the high-water mark to what is held now.
PeakMemory::PeakMemory() {
  std::ofstream("/proc/self/clear_refs") << "5";
}

double PeakMemory::bytes() const {
  return status_bytes("VmHWM:");
}

double memory_in_use() {
  return status_bytes("VmRSS:");
}

}  // namespace latentreel::render
