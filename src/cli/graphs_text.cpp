#include "src/cli/graphs_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace latentreel::cli {
namespace {

constexpr std::size_t kColumns = 64;
constexpr std::array<std::string_view, 9> kBars = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

// A number begins at the column of its keyframe; one that would touch the number before is left
// out.
std::string keyframe_numbers(const scenes::Timeline& timeline, std::size_t columns) {
  std::string row(columns, ' ');
  const auto& frames = timeline.keyframe_frames();
  std::size_t free = 0;
  for (std::size_t k = 0; k < frames.size(); ++k) {
    const auto column = static_cast<std::size_t>(std::max<std::int64_t>(frames[k], 0)) * columns /
                        static_cast<std::size_t>(timeline.frame_count());
    const auto number = std::to_string(k);
    if (column < free || column + number.size() > columns) continue;
    row.replace(column, number.size(), number);
    free = column + number.size() + 1;
  }
  return row.substr(0, row.find_last_not_of(' ') + 1);
}

std::string bars(const scenes::FilmGraph& graph, std::size_t columns) {
  const auto scale = scenes::scale_of(graph);
  std::string row;
  for (const double value : scenes::peaks_of(graph, columns)) {
    const auto height = std::lround(scale.part(value) * (kBars.size() - 1));
    row += kBars.at(static_cast<std::size_t>(height));
  }
  if (scale == scenes::GraphScale()) return row;
  return row + fmt::format("  {:.3g} to {:.3g}", scale.low, scale.high);
}

}  // namespace

std::string graphs_text(const std::vector<scenes::FilmGraph>& graphs,
                        const scenes::Timeline& timeline) {
  const auto columns = std::min(kColumns, static_cast<std::size_t>(timeline.frame_count()));
  std::size_t width = 9;
  for (const auto& graph : graphs) width = std::max(width, graph.name.size());
  auto text = fmt::format("  signals   a column every {:.3g} s, with its highest value\n",
                          timeline.duration().to_seconds() / static_cast<double>(columns));
  text += fmt::format("    {:<{}} {}\n", "", width, keyframe_numbers(timeline, columns));
  for (const auto& graph : graphs) {
    text += fmt::format("    {:<{}} {}\n", graph.name, width, bars(graph, columns));
  }
  return text;
}

}  // namespace latentreel::cli
