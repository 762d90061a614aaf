#include "src/cli/bar_line.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <iostream>

namespace latentreel::cli {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kRedraw = std::chrono::milliseconds(80);
constexpr int kBarWidth = 24;

int terminal_width() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

std::string bar(double part) {
  const int full = static_cast<int>(std::lround(std::clamp(part, 0.0, 1.0) * kBarWidth));
  std::string text;
  for (int i = 0; i < kBarWidth; ++i) text += i < full ? "█" : "░";
  return text;
}

}  // namespace

void BarLine::clear() {
  if (drawn_) std::cerr << "\r\x1b[K" << std::flush;
  drawn_ = false;
}

void BarLine::draw(double part, const std::string& text) {
  const auto now = Clock::now();
  if (drawn_ && now - last_draw_ < kRedraw) return;
  last_draw_ = now;
  auto line = fmt::format("{:3.0f}%  {}", part * 100, text);
  const auto room = static_cast<size_t>(std::max(10, terminal_width() - kBarWidth - 3));
  if (line.size() > room) line.resize(room);
  std::cerr << '\r' << bar(part) << "  " << line << "\x1b[K" << std::flush;
  drawn_ = true;
}

}  // namespace latentreel::cli
