#include <fmt/format.h>

#include <iostream>
#include <variant>

#include "src/cli/progress_kinds.h"

namespace latentreel::cli {

BarProgress::BarProgress(const Work& work) : estimate_(work) {}

void BarProgress::draw(const std::string& label) {
  const double left = estimate_.seconds_left();
  const auto eta = left < 0 ? std::string() : fmt::format("  {} left", format_duration(left));
  line_.draw(estimate_.part_done(), label + eta);
}

void BarProgress::report(const render::ProgressEvent& event) {
  estimate_.follow(event);
  std::visit([this](const auto& what) { show(what); }, event);
}

void BarProgress::show(const render::TaskChanged& change) {
  if (change.name == "film" && change.state == render::TaskState::finished) return line_.clear();
  draw(change.name);
}

void BarProgress::show(const render::IterationReport& step) {
  draw(fmt::format("key:{}  iteration {}/{}  loss {:.4f}  {:.1f}/s", step.keyframe,
                   step.iteration + 1, step.iterations, step.loss,
                   estimate_.iterations_per_second()));
}

void BarProgress::show(const render::ChainIteration& step) {
  draw(fmt::format("chain:{}  frame {}/{}  iteration {}/{}  loss {:.4f}  {:.1f}/s", step.part,
                   step.done + 1, step.frames, step.iterations == 0 ? 0 : step.iteration + 1,
                   step.iterations, step.loss, estimate_.iterations_per_second()));
}

void BarProgress::show(const render::FramesWritten& frames) {
  draw(fmt::format("frame {}/{}  {:.1f}/s", frames.done, frames.total,
                   frames.seconds > 0 ? 1 / frames.seconds : 0));
}

void BarProgress::show(const render::Warning& warning) {
  line_.clear();
  std::cerr << "warning: " << warning.text << '\n' << std::flush;
}

void BarProgress::show(const render::DoneReport& done) {
  line_.clear();
  std::cerr << done.text << std::flush;
}

}  // namespace latentreel::cli
