#include <fmt/format.h>

#include <iostream>

#include "src/cli/progress_kinds.h"

namespace latentreel::cli {

BarProgress::BarProgress(const Work& work) : estimate_(work) {}

void BarProgress::draw(const std::string& label) {
  const double left = estimate_.seconds_left();
  const auto eta = left < 0 ? std::string() : fmt::format("  {} left", format_duration(left));
  line_.draw(estimate_.part_done(), label + eta);
}

void BarProgress::task(const std::string& name, render::TaskState state) {
  if (state != render::TaskState::started) {
    if (name.rfind("key:", 0) == 0) estimate_.keyframe_done(std::stoi(name.substr(4)));
    if (name.rfind("pace:", 0) == 0) estimate_.interval_done();
  }
  if (name == "film" && state == render::TaskState::finished) return line_.clear();
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
  line_.clear();
  std::cerr << "warning: " << text << '\n' << std::flush;
}

void BarProgress::done(const render::DoneReport& report) {
  line_.clear();
  std::cerr << report.text << std::flush;
}

}  // namespace latentreel::cli
