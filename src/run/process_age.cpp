#include "src/run/process_age.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace latentreel::render {

// Linux: the 22nd field of /proc/self/stat, in ticks since the machine was started. The second one,
// the program's name in parentheses, may hold spaces.
double process_age() {
  std::ifstream stat("/proc/self/stat");
  const std::string line{std::istreambuf_iterator<char>(stat), {}};
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream fields(line.substr(name_end + 1));
  std::string skipped;
  for (int field = 3; field < 22; ++field) fields >> skipped;
  double started = 0;
  timespec now{};
  if (!(fields >> started) || ::clock_gettime(CLOCK_BOOTTIME, &now) != 0) return 0;
  const double seconds = static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
  return std::max(seconds - started / static_cast<double>(::sysconf(_SC_CLK_TCK)), 0.0);
}

}  // namespace latentreel::render
