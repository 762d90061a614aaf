#include <fmt/format.h>

#include <iostream>

#include "src/cli/progress_kinds.h"

namespace latentreel::cli {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kEvery = std::chrono::seconds(10);

std::string time_left(const Estimate& estimate) {
  const double left = estimate.seconds_left();
  return left < 0 ? "" : fmt::format(", {} left", format_duration(left));
}

}  // namespace

PlainProgress::PlainProgress(const Work& work) : estimate_(work), last_line_(Clock::now()) {}

// Whether it is time for another line of a kind that comes often.
bool PlainProgress::due() {
  const auto now = Clock::now();
  if (now - last_line_ < kEvery) return false;
  last_line_ = now;
  return true;
}

void PlainProgress::task(const std::string& name, render::TaskState state) {
  const bool key = name.rfind("key:", 0) == 0;
  if (state != render::TaskState::started) {
    if (key) estimate_.keyframe_done(std::stoi(name.substr(4)));
    if (name.rfind("pace:", 0) == 0) estimate_.interval_done();
  }
  const char* word = state == render::TaskState::started  ? "started"
                     : state == render::TaskState::reused ? "reused"
                                                          : "finished";
  if (key || name == "film") std::cerr << fmt::format("{} {}\n", name, word) << std::flush;
}

void PlainProgress::iteration(const render::IterationReport& report) {
  estimate_.iteration(report);
  if (!due()) return;
  std::cerr << fmt::format("key:{} iteration {} of {}, loss {:.4f}{}\n", report.keyframe,
                           report.iteration + 1, report.iterations, report.loss,
                           time_left(estimate_))
            << std::flush;
}

void PlainProgress::frame(int64_t done, int64_t total, double seconds) {
  estimate_.frame(done, seconds);
  if (!due()) return;
  std::cerr << fmt::format("frame {} of {}{}\n", done, total, time_left(estimate_)) << std::flush;
}

void PlainProgress::warning(const std::string& text) {
  std::cerr << "warning: " << text << '\n' << std::flush;
}

void PlainProgress::done(const render::DoneReport& report) {
  std::cerr << report.text << std::flush;
}

}  // namespace latentreel::cli
