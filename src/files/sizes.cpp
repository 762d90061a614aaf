#include "src/files/sizes.h"

#include <fmt/format.h>

namespace latentreel::files {

std::string format_bytes(double bytes) {
  const char* unit = "B";
  for (const char* larger : {"kB", "MB", "GB", "TB"}) {
    if (bytes < 999.5) break;
    bytes /= 1000;
    unit = larger;
  }
  return bytes < 9.95 && *unit != 'B' ? fmt::format("{:.1f} {}", bytes, unit)
                                      : fmt::format("{:.0f} {}", bytes, unit);
}

}  // namespace latentreel::files
