#include "src/run/peak_memory.h"

#include <algorithm>
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

PeakMemory* innermost = nullptr;

}  // namespace

// Linux: "5" sets the high-water mark to what is held now.
PeakMemory::PeakMemory() : outer_(innermost) {
  if (outer_ != nullptr) outer_->seen_ = outer_->bytes();
  innermost = this;
  std::ofstream("/proc/self/clear_refs") << "5";
}

PeakMemory::~PeakMemory() {
  innermost = outer_;
}

double PeakMemory::bytes() const {
  return std::max(seen_, status_bytes("VmHWM:"));
}

double memory_in_use() {
  return status_bytes("VmRSS:");
}

}  // namespace latentreel::render
