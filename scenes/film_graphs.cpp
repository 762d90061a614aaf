#include "scenes/film_graphs.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

#include "scenes/camera_path.h"
#include "scenes/curve_evaluator.h"
#include "scenes/frame_script.h"
#include "scenes/prompt_weights.h"
#include "scenes/section_rows.h"

namespace latentreel::scenes {
namespace {

// As an expression of the scene reads it.
FilmGraph graph_of(const std::string& name, const Signal& signal, const Timeline& timeline,
                   RationalTime song_from) {
  FilmGraph graph{.name = name, .values = {}};
  for (std::int64_t frame = 0; frame < timeline.frame_count(); ++frame) {
    const auto time = time_of_frame(frame, timeline.fps());
    graph.values.push_back(signal.at(time.to_seconds() + song_from.to_seconds()));
  }
  return graph;
}

// Adds the graphs of the animatable keys that change.
class CurveGraphs {
 public:
  CurveGraphs(const Timeline& timeline, CurveEvaluator& evaluator, std::vector<FilmGraph>& graphs)
      : timeline_(timeline), evaluator_(evaluator), graphs_(graphs) {}

  template <class Owner>
  void add(std::string_view table, std::span<const Row<Owner>> rows, const Owner& owner) {
    for (const auto& row : rows) {
      const auto* type = std::get_if<Animatable<Owner>>(&row.type);
      if (type == nullptr) continue;
      const auto found = evaluator_.values(row.key, rows, owner);
      if (found.is_constant()) continue;
      add(fmt::format("{}.{}", table, row.key),
          [&](std::int64_t frame) { return found.at(frame); });
    }
  }

  // As the camera reads them, which moves on between frames.
  void add_motion(const MotionOptions& motion) {
    for (const auto& row : motion_rows()) {
      const auto name = fmt::format("motion.{}", row.key);
      if (std::holds_alternative<Animatable<MotionOptions>>(row.type)) {
        add_timed(name, evaluator_.timed(row.key, motion_rows(), motion));
      } else if (std::holds_alternative<AnimatablePair<MotionOptions>>(row.type)) {
        const auto [first, second] = evaluator_.timed_pair(row.key, motion_rows(), motion);
        add_timed(name + "[0]", first);
        add_timed(name + "[1]", second);
      }
    }
  }

 private:
  void add_timed(const std::string& name, const TimedCurve& curve) {
    if (curve.is_constant()) return;
    add(name, [&](std::int64_t frame) {
      return curve.at(motion_time(time_of_frame(frame, timeline_.fps())));
    });
  }

  template <class Value>
  void add(std::string name, const Value& value) {
    FilmGraph graph{.name = std::move(name), .values = {}};
    for (std::int64_t frame = 0; frame < timeline_.frame_count(); ++frame) {
      graph.values.push_back(value(frame));
    }
    graphs_.push_back(std::move(graph));
  }

  const Timeline& timeline_;
  CurveEvaluator& evaluator_;
  std::vector<FilmGraph>& graphs_;
};

// A weight for each of a keyframe's prompts and excluded ones, then extra_weight.
std::vector<double> all_weights(const PromptWeights& weights, const Keyframe& keyframe) {
  auto found = weights.are_always() ? weights_of(keyframe) : weights;
  found.prompts.push_back(found.extra);
  return std::move(found.prompts);
}

// The graphs of prompts' weights, by the place of a prompt among those of its keyframe. While
// prompts are exchanged, between those of the two keyframes; 0 where one has no such prompt.
class WeightGraphs {
 public:
  WeightGraphs(const Scene& scene, const FrameScript& script) : scene_(scene), script_(script) {}

  // Those that change.
  void add_to(std::vector<FilmGraph>& graphs) {
    const auto frames = script_.timeline().frame_count();
    for (std::int64_t frame = 0; frame < frames; ++frame) {
      const auto rule = script_.at(frame);
      const auto weights = script_.weights(frame);
      const double amount = rule.from == rule.to ? 0 : rule.amount;
      add(frame, rule.from, weights.from, 1 - amount);
      if (amount > 0) add(frame, rule.to, weights.to, amount);
    }
    for (auto& named : values_) {
      auto& values = named.second;
      values.resize(static_cast<std::size_t>(frames));
      const bool changes = std::any_of(values.begin(), values.end(),
                                       [&](double value) { return value != values.front(); });
      if (changes) graphs.push_back({.name = named.first, .values = std::move(values)});
    }
  }

 private:
  void add(std::int64_t frame, int index, const PromptWeights& weights, double part) {
    const auto& keyframe = scene_.keyframes[static_cast<std::size_t>(index)];
    const auto found = all_weights(weights, keyframe);
    for (std::size_t i = 0; i < found.size(); ++i) {
      auto& values = values_[name_of_place(i, keyframe)];
      values.resize(std::max(values.size(), static_cast<std::size_t>(frame) + 1));
      values.back() += part * found[i];
    }
  }

  static std::string name_of_place(std::size_t i, const Keyframe& keyframe) {
    const auto prompts = keyframe.prompts.size(), excluded = keyframe.optimize.exclude.size();
    if (i < prompts) return fmt::format("prompts[{}].weight", i);
    if (i < prompts + excluded) return fmt::format("exclude[{}].weight", i - prompts);
    return "optimize.extra_weight";
  }

  const Scene& scene_;
  const FrameScript& script_;
  std::map<std::string, std::vector<double>> values_;
};

}  // namespace

std::vector<FilmGraph> film_graphs(const Scene& scene, const Timeline& timeline,
                                   const Signals& signals) {
  std::vector<FilmGraph> graphs;
  for (const auto& options : signals_beside(scene.signals)) {
    const auto found = signals.find(options.name);
    if (found == signals.end()) continue;
    graphs.push_back(graph_of(options.name, found->second, timeline, scene.music.from));
  }
  CurveEvaluator evaluator(timeline, scene, signals);
  CurveGraphs curves(timeline, evaluator, graphs);
  curves.add("interpolate", interpolate_rows(), scene.interpolate);
  curves.add("pulse", pulse_rows(), scene.pulse);
  curves.add_motion(scene.motion);
  curves.add("picture", picture_rows(), scene.picture);
  if (has_changing_weights(scene)) {
    WeightGraphs(scene, FrameScript(timeline, scene, signals)).add_to(graphs);
  }
  return graphs;
}

GraphScale scale_of(const FilmGraph& graph) {
  const auto [least, most] = std::minmax_element(graph.values.begin(), graph.values.end());
  if (least == graph.values.end() || (*least >= 0 && *most <= 1)) return {};
  if (*least == *most) return {.low = *least - 1, .high = *most};
  return {.low = *least, .high = *most};
}

std::vector<double> peaks_of(const FilmGraph& graph, std::size_t columns) {
  const auto frames = graph.values.size();
  columns = std::min(columns, frames);
  std::vector<double> peaks;
  for (std::size_t i = 0; i < columns; ++i) {
    const auto first = graph.values.begin() + static_cast<std::ptrdiff_t>(i * frames / columns);
    const auto end = graph.values.begin() + static_cast<std::ptrdiff_t>((i + 1) * frames / columns);
    peaks.push_back(*std::max_element(first, end));
  }
  return peaks;
}

}  // namespace latentreel::scenes
