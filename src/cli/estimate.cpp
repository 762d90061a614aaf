#include "src/cli/estimate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <variant>

#include "src/frames/decoded_frames.h"

namespace latentreel::cli {

Estimate::Estimate(const Work& work)
    : work_(work),
      done_(work.iterations.size(), 0),
      chains_done_(work.chains.size(), 0),
      started_(std::chrono::steady_clock::now()) {}

// A call that was not told of all keyframes learns of them as they come.
int& Estimate::done_of(int keyframe) {
  const auto index = static_cast<size_t>(keyframe);
  if (index >= done_.size()) {
    done_.resize(index + 1, 0);
    work_.iterations.resize(index + 1, 0);
  }
  return done_[index];
}

void Estimate::follow(const render::ProgressEvent& event) {
  if (const auto* change = std::get_if<render::TaskChanged>(&event)) {
    count(*change);
  } else if (const auto* step = std::get_if<render::IterationReport>(&event)) {
    count(*step);
  } else if (const auto* chain = std::get_if<render::ChainIteration>(&event)) {
    count(*chain);
  } else if (const auto* frames = std::get_if<render::FramesWritten>(&event)) {
    count(*frames);
  }
}

// A keyframe that is reused, or finished early, has no iterations left.
void Estimate::count(const render::TaskChanged& change) {
  const bool is_keyframe = change.name.rfind("key:", 0) == 0;
  const bool is_chain = change.name.rfind("chain:", 0) == 0;
  if (change.state == render::TaskState::started) {
    if (is_keyframe) ++keyframes_under_way_;
    if (is_chain) ++chains_under_way_;
    return;
  }
  if (is_chain) {
    if (change.state == render::TaskState::finished) --chains_under_way_;
    const auto part = static_cast<size_t>(std::stoi(change.name.substr(6)));
    if (part < chains_done_.size()) chains_done_[part] = work_.chains[part];
  }
  if (is_keyframe) {
    if (change.state == render::TaskState::finished) --keyframes_under_way_;
    const int keyframe = std::stoi(change.name.substr(4));
    auto& done = done_of(keyframe);
    done = work_.iterations[static_cast<size_t>(keyframe)];
  }
  if (change.name.rfind("pace:", 0) == 0) ++intervals_done_;
}

void Estimate::count(const render::IterationReport& step) {
  done_of(step.keyframe) = step.iteration + 1;
  work_.iterations[static_cast<size_t>(step.keyframe)] = step.iterations;
  iteration_seconds_ += step.seconds / std::max(1, keyframes_under_way_);
  ++measured_iterations_;
}

void Estimate::count(const render::ChainIteration& step) {
  const auto part = static_cast<size_t>(step.part);
  if (part < chains_done_.size()) {
    chains_done_[part] = step.done * step.iterations + step.iteration + 1;
  }
  iteration_seconds_ += step.seconds / std::max(1, chains_under_way_);
  ++measured_iterations_;
}

void Estimate::count(const render::FramesWritten& frames) {
  frames_done_ = frames.done;
  frame_seconds_ += frames.seconds;
  ++measured_frames_;
}

double Estimate::iteration_cost() const {
  return measured_iterations_ > 0 ? iteration_seconds_ / static_cast<double>(measured_iterations_)
                                  : 0;
}

// Until a frame was seen: an iteration decodes once and does about twice as much besides.
double Estimate::frame_cost() const {
  if (measured_frames_ > 0) return frame_seconds_ / static_cast<double>(measured_frames_);
  return iteration_cost() / 3;
}

int64_t Estimate::iterations_left() const {
  int64_t left = 0;
  for (size_t i = 0; i < done_.size(); ++i) left += work_.iterations[i] - done_[i];
  for (size_t i = 0; i < chains_done_.size(); ++i) {
    left += std::max<int64_t>(0, work_.chains[i] - chains_done_[i]);
  }
  return left;
}

double Estimate::frames_left() const {
  return static_cast<double>(work_.frames - frames_done_ +
                             int64_t{render::kPaceProbes} * (work_.intervals - intervals_done_));
}

double Estimate::seconds_left() const {
  if (measured_iterations_ == 0 && measured_frames_ == 0) return -1;
  return static_cast<double>(iterations_left()) * iteration_cost() + frames_left() * frame_cost();
}

double Estimate::part_done() const {
  const double left = seconds_left();
  if (left < 0) return 0;
  const double spent =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  return spent + left > 0 ? spent / (spent + left) : 1;
}

double Estimate::iterations_per_second() const {
  return iteration_cost() > 0 ? 1 / iteration_cost() : 0;
}

std::string format_duration(double seconds) {
  const auto total = static_cast<int64_t>(std::llround(std::max(0.0, seconds)));
  const auto h = total / 3600, m = total / 60 % 60, s = total % 60;
  return h > 0 ? fmt::format("{}:{:02}:{:02}", h, m, s) : fmt::format("{}:{:02}", m, s);
}

}  // namespace latentreel::cli
