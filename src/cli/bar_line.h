#pragma once

#include <chrono>
#include <string>

namespace latentreel::cli {

// One line of standard error that is drawn over and over: a bar and a text.
class BarLine {
 public:
  ~BarLine() { clear(); }
  // `part` in [0, 1]. At most once in a while; the text is cut where the terminal ends.
  void draw(double part, const std::string& text);
  void clear();

 private:
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_draw_;
};

}  // namespace latentreel::cli
