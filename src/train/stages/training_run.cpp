#include "src/train/stages/training_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <fstream>
#include <set>
#include <sstream>

#include "models/files/error.h"
#include "src/files/atomic_file.h"

namespace latentreel::training {
namespace {

namespace fs = std::filesystem;
using models::StateDict;
using models::WeightsError;

double steady_seconds() {
  using namespace std::chrono;
  return duration<double>(steady_clock::now().time_since_epoch()).count();
}

[[noreturn]] void refuse(WeightsError::Kind kind, const std::string& doing,
                         const std::string& problem, const std::string& advice) {
  throw WeightsError(kind, {.doing = doing, .tensor = {}, .problem = problem, .advice = advice});
}

double number(std::string_view text, const fs::path& file) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    refuse(WeightsError::Kind::invalid, "reading the curve " + file.string(),
           models::shown(text) + " is no number", "Remove the file; training writes it again.");
  }
  return value;
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream text(line);
  for (std::string cell; std::getline(text, cell, ',');) cells.push_back(cell);
  return cells;
}

// One run of a stage, from its start or its checkpoint to its end.
class Run {
 public:
  Run(Stage& stage, const RunOptions& options, const render::StopToken& stop)
      : stage_(stage),
        options_(options),
        stop_(stop),
        clock_(options.clock ? options.clock : steady_seconds) {}

  bool go() {
    begin();
    const auto start = clock_() - worked_;
    auto last_save = clock_();
    while (part() < 1) {
      sum(stage_.step(step_, part()));
      ++step_;
      worked_ = clock_() - start;
      const bool stopped = stop_.requested();
      const bool saves = stopped || clock_() - last_save >= options_.save_every;
      if (saves) {
        save();
        last_save = clock_();
      }
      if (saves || step_ % options_.report_every == 0) report(saves);
      if (stopped && part() < 1) return false;
    }
    save();
    report(true);
    return true;
  }

 private:
  fs::path checkpoint() const {
    return options_.folder / (options_.name + ".checkpoint.safetensors");
  }
  fs::path curve() const { return options_.folder / (options_.name + ".csv"); }

  double part() const {
    const auto& budget = options_.budget;
    return budget.steps ? static_cast<double>(step_) / static_cast<double>(*budget.steps)
                        : worked_ / (60 * budget.minutes);
  }

  void begin() {
    std::error_code error;
    fs::create_directories(options_.folder, error);
    if (!fs::is_directory(options_.folder)) {
      refuse(WeightsError::Kind::uncreatable, "making the folder " + options_.folder.string(),
             error.message(), "Name a folder that can be written.");
    }
    const bool exists = fs::exists(checkpoint(), error);
    if (!exists) return;
    if (!options_.resume) {
      refuse(WeightsError::Kind::uncreatable, fmt::format("training {}", options_.name),
             fmt::format("{} is there from an earlier run", checkpoint().string()),
             "Continue from it with --resume, or remove it to start over.");
    }
    restore();
  }

  void restore() {
    const auto saved = StateDict::load_safetensors(checkpoint());
    stage_.restore(saved);
    step_ = static_cast<int64_t>(number(saved.metadata("step").value_or(""), checkpoint()));
    worked_ = number(saved.metadata("seconds").value_or(""), checkpoint());
    std::error_code ignored;
    if (!fs::exists(curve(), ignored)) return;
    points_ = read_curve(curve());
    std::erase_if(points_, [this](const auto& point) { return point.step > step_; });
  }

  // The curve is written first: a checkpoint's step then always lies on it.
  void save() {
    close_point();
    for (const auto& [name, value] : stage_.test()) points_.back().measures[name] = value;
    save_curve();
    StateDict::Metadata metadata{{"step", std::to_string(step_)},
                                 {"seconds", fmt::format("{:.3f}", worked_)},
                                 {"stage", options_.name}};
    publish(StateDict(stage_.state(), std::move(metadata)), checkpoint());
    publish(stage_.result(), options_.folder / (options_.name + ".safetensors"));
  }

  static void publish(const StateDict& state, const fs::path& file) {
    files::write_file_by(file, [&](const fs::path& path) { state.save_safetensors(path); });
  }

  void save_curve() {
    std::set<std::string> names;
    for (const auto& point : points_) {
      for (const auto& [name, value] : point.measures) names.insert(name);
    }
    std::string text = "step,minutes";
    for (const auto& name : names) text += "," + name;
    text += "\n";
    for (const auto& point : points_) {
      text += fmt::format("{},{:.4f}", point.step, point.minutes);
      for (const auto& name : names) {
        const auto found = point.measures.find(name);
        text += found == point.measures.end() ? "," : fmt::format(",{:.6g}", found->second);
      }
      text += "\n";
    }
    files::write_file(curve(), text);
  }

  // Steps between two points of the curve are averaged.
  void sum(const Measures& measures) {
    for (const auto& [name, value] : measures) sums_[name] += value;
    ++summed_;
  }

  void close_point() {
    if (summed_ == 0 && !points_.empty()) return;
    CurvePoint point{.step = step_, .minutes = worked_ / 60, .measures = {}};
    for (const auto& [name, value] : sums_) {
      point.measures[name] = value / static_cast<double>(summed_);
    }
    points_.push_back(std::move(point));
    sums_.clear();
    summed_ = 0;
  }

  void report(bool saved) {
    close_point();
    if (!options_.report) return;
    const auto done = std::min(part(), 1.0);
    options_.report({.latest = points_.back(),
                     .part = done,
                     .seconds = done > 0 ? worked_ * (1 - done) / done : 0,
                     .saved = saved});
  }

  Stage& stage_;
  const RunOptions& options_;
  const render::StopToken& stop_;
  std::function<double()> clock_;
  int64_t step_ = 0;   // done
  double worked_ = 0;  // seconds, of all runs together
  std::vector<CurvePoint> points_;
  Measures sums_;
  int64_t summed_ = 0;
};

}  // namespace

bool run(Stage& stage, const RunOptions& options, const render::StopToken& stop) {
  return Run(stage, options, stop).go();
}

std::vector<CurvePoint> read_curve(const fs::path& file) {
  std::ifstream text(file);
  std::string line;
  if (!std::getline(text, line)) {
    refuse(WeightsError::Kind::missing, "reading the curve " + file.string(),
           "it is not there or empty", "Train first.");
  }
  const auto names = cells_of(line);
  std::vector<CurvePoint> points;
  while (std::getline(text, line)) {
    const auto cells = cells_of(line);
    if (cells.size() < 2 || cells.size() > names.size()) {
      refuse(WeightsError::Kind::invalid, "reading the curve " + file.string(),
             "a line has another number of columns than the first", "Remove the file.");
    }
    CurvePoint point{.step = static_cast<int64_t>(number(cells[0], file)),
                     .minutes = number(cells[1], file),
                     .measures = {}};
    for (size_t i = 2; i < cells.size(); ++i) {
      if (!cells[i].empty()) point.measures[names[i]] = number(cells[i], file);
    }
    points.push_back(std::move(point));
  }
  return points;
}

}  // namespace latentreel::training
