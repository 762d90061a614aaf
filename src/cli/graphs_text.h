#pragma once

#include <string>
#include <vector>

#include "scenes/film_graphs.h"
#include "scenes/timeline.h"

namespace latentreel::cli {

// The graphs as rows of bars for a terminal, under the numbers of the film's keyframes:
//
//   signals   a column every 0.25 s, with its highest value
//               0            1            2
//     kick      █▃▁  █▃▁  █▃▁  █▃▁  █▃▁
std::string graphs_text(const std::vector<scenes::FilmGraph>& graphs,
                        const scenes::Timeline& timeline);

}  // namespace latentreel::cli
