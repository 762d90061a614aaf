#pragma once

#include <chrono>
#include <string>

namespace latentreel::cli {

// One line of standard error that is drawn over and over: a bar and a text.
class BarLine {
 public:
  ~BarLine() { clear(); }
  // `part` in [0, 1]. Skips calls that follow too soon; the text is cut at the terminal's width.
  void draw(double part, const std::string& text);
  void clear();

 private:
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_draw_;
};

}  // namespace latentreel::cli
