#pragma once

#include <chrono>

namespace latentreel::render {

// Wall time since it was made or restarted.
class LapTimer {
 public:
  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }
  void restart() { start_ = Clock::now(); }
  // Seconds so far, and starts again.
  double lap() {
    const double elapsed = seconds();
    restart();
    return elapsed;
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

}  // namespace latentreel::render
