#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <iostream>

#include "src/cli/progress_kinds.h"

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

BarProgress::BarProgress(const Work& work) : estimate_(work) {}

BarProgress::~BarProgress() {
  clear();
}

void BarProgress::clear() {
  if (drawn_) std::cerr << "\r\x1b[K" << std::flush;
  drawn_ = false;
}

void BarProgress::draw(const std::string& label) {
  const auto now = Clock::now();
  if (drawn_ && now - last_draw_ < kRedraw) return;
  last_draw_ = now;
  const double left = estimate_.seconds_left();
  const auto eta = left < 0 ? std::string() : fmt::format("  {} left", format_duration(left));
  const double part = estimate_.part_done();
  auto text = fmt::format("{:3.0f}%  {}{}", part * 100, label, eta);
  const auto room = static_cast<size_t>(std::max(10, terminal_width() - kBarWidth - 3));
  if (text.size() > room) text.resize(room);
  std::cerr << '\r' << bar(part) << "  " << text << "\x1b[K" << std::flush;
  drawn_ = true;
}

void BarProgress::task(const std::string& name, render::TaskState state) {
  if (state != render::TaskState::started) {
    if (name.rfind("key:", 0) == 0) estimate_.keyframe_done(std::stoi(name.substr(4)));
    if (name.rfind("pace:", 0) == 0) estimate_.interval_done();
  }
  if (name == "film" && state == render::TaskState::finished) return clear();
  draw(name);
}

void BarProgress::iteration(const render::IterationReport& report) {
  estimate_.iteration(report);
  draw(fmt::format("key:{}  iteration {}/{}  loss {:.4f}  {:.1f}/s", report.keyframe,
                   report.iteration + 1, report.iterations, report.loss,
                   estimate_.iterations_per_second()));
}

void BarProgress::frame(int64_t done, int64_t total, double seconds) {
  estimate_.frame(done, seconds);
  draw(fmt::format("frame {}/{}  {:.1f}/s", done, total, seconds > 0 ? 1 / seconds : 0));
}

void BarProgress::warning(const std::string& text) {
  clear();
  std::cerr << "warning: " << text << '\n' << std::flush;
}

void BarProgress::done(const render::DoneReport& report) {
  clear();
  std::cerr << report.text << std::flush;
}

}  // namespace latentreel::cli
