#include <fmt/format.h>

#include <iostream>
#include <variant>

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

void PlainProgress::report(const render::ProgressEvent& event) {
  estimate_.follow(event);
  std::visit([this](const auto& what) { show(what); }, event);
}

void PlainProgress::show(const render::TaskChanged& change) {
  const auto& [name, state] = change;
  const bool key = name.rfind("key:", 0) == 0;
  const char* word = state == render::TaskState::started  ? "started"
                     : state == render::TaskState::reused ? "reused"
                                                          : "finished";
  if (key || name == "film") std::cerr << fmt::format("{} {}\n", name, word) << std::flush;
}

void PlainProgress::show(const render::IterationReport& step) {
  if (!due()) return;
  std::cerr << fmt::format("key:{} iteration {} of {}, loss {:.4f}{}\n", step.keyframe,
                           step.iteration + 1, step.iterations, step.loss, time_left(estimate_))
            << std::flush;
}

void PlainProgress::show(const render::ChainIteration& step) {
  if (!due()) return;
  std::cerr << fmt::format("chain:{} frame {} of {}, loss {:.4f}{}\n", step.part, step.done + 1,
                           step.frames, step.loss, time_left(estimate_))
            << std::flush;
}

void PlainProgress::show(const render::FramesWritten& frames) {
  if (!due()) return;
  std::cerr << fmt::format("frame {} of {}{}\n", frames.done, frames.total, time_left(estimate_))
            << std::flush;
}

void PlainProgress::show(const render::Warning& warning) {
  std::cerr << "warning: " << warning.text << '\n' << std::flush;
}

void PlainProgress::show(const render::DoneReport& done) {
  std::cerr << done.text << std::flush;
}

}  // namespace latentreel::cli
