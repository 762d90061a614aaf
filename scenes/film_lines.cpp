#include "scenes/film_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

#include "scenes/curve_evaluator.h"
#include "scenes/section_rows.h"

namespace latentreel::scenes {
namespace {

// As an expression of the scene reads it.
FilmLine line_of(const std::string& name, const Signal& signal, const Timeline& timeline,
                 RationalTime song_from) {
  FilmLine line{.name = name, .values = {}};
  for (std::int64_t frame = 0; frame < timeline.frame_count(); ++frame) {
    const auto time = time_of_frame(frame, timeline.fps());
    line.values.push_back(signal.at(time.to_seconds() + song_from.to_seconds()));
  }
  return line;
}

template <class Owner>
void add_curves(std::vector<FilmLine>& lines, std::string_view table,
                std::span<const Row<Owner>> rows, const Owner& owner, std::int64_t frames,
                CurveEvaluator& evaluator) {
  for (const auto& row : rows) {
    const auto* type = std::get_if<Animatable<Owner>>(&row.type);
    if (type == nullptr) continue;
    const auto found = evaluator.values(owner.*(type->field), row.key, type->range);
    if (found.is_constant()) continue;
    FilmLine line{.name = fmt::format("{}.{}", table, row.key), .values = {}};
    for (std::int64_t frame = 0; frame < frames; ++frame) line.values.push_back(found.at(frame));
    lines.push_back(std::move(line));
  }
}

}  // namespace

std::vector<FilmLine> film_lines(const Scene& scene, const Timeline& timeline,
                                 const Signals& signals) {
  std::vector<FilmLine> lines;
  for (const auto& options : signals_beside(scene.signals)) {
    const auto found = signals.find(options.name);
    if (found == signals.end()) continue;
    lines.push_back(line_of(options.name, found->second, timeline, scene.music.from));
  }
  CurveEvaluator evaluator(timeline, scene, signals);
  const auto frames = timeline.frame_count();
  add_curves(lines, "interpolate", interpolate_rows(), scene.interpolate, frames, evaluator);
  add_curves(lines, "pulse", pulse_rows(), scene.pulse, frames, evaluator);
  add_curves(lines, "picture", picture_rows(), scene.picture, frames, evaluator);
  return lines;
}

LineScale scale_of(const FilmLine& line) {
  const auto [least, most] = std::minmax_element(line.values.begin(), line.values.end());
  if (least == line.values.end() || (*least >= 0 && *most <= 1)) return {};
  if (*least == *most) return {.low = *least - 1, .high = *most};
  return {.low = *least, .high = *most};
}

std::vector<double> peaks_of(const FilmLine& line, std::size_t columns) {
  const auto frames = line.values.size();
  columns = std::min(columns, frames);
  std::vector<double> peaks;
  for (std::size_t i = 0; i < columns; ++i) {
    const auto first = line.values.begin() + static_cast<std::ptrdiff_t>(i * frames / columns);
    const auto end = line.values.begin() + static_cast<std::ptrdiff_t>((i + 1) * frames / columns);
    peaks.push_back(*std::max_element(first, end));
  }
  return peaks;
}

}  // namespace latentreel::scenes
