#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "scenes/scene.h"
#include "scenes/song_signals.h"
#include "scenes/timeline.h"

namespace latentreel::scenes {

// Something that changes over a film, to be shown under its time line.
struct FilmGraph {
  std::string name;            // of a signal: "kick"; of an animatable key: "pulse.amount"
  std::vector<double> values;  // one for each frame
};

// What drives the film: these signals of its song, in [0, 1], then the animatable keys that change,
// in the order of a scene's tables, and where some do the weights of prompts. Throws SceneError as
// FrameScript does.
std::vector<FilmGraph> film_graphs(const Scene& scene, const Timeline& timeline,
                                   const Signals& signals);

// How a graph is drawn: from its lowest value to its highest, or from 0 to 1 where it stays within
// them.
struct GraphScale {
  double low = 0;
  double high = 1;

  // Where a value of the graph lies, from 0 at the lowest to 1 at the highest.
  double part(double value) const { return (value - low) / (high - low); }
  friend bool operator==(const GraphScale&, const GraphScale&) = default;
};
GraphScale scale_of(const FilmGraph& graph);

// The graph in `columns` stretches of equal length, or one for each frame where there are fewer
// frames: the highest value of each, so that a short flash is not lost.
std::vector<double> peaks_of(const FilmGraph& graph, std::size_t columns);

}  // namespace latentreel::scenes
