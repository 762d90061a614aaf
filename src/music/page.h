#pragma once

#include <span>
#include <string>

#include "scenes/signal.h"
#include "src/music/analysis.h"

namespace latentreel::music {

// A signal and what a page calls it.
struct NamedSignal {
  std::string name;
  scenes::Signal signal;
};

// One HTML page that shows an analysis: the wave form with sections and bars, every beat, and the
// signals, as charts. It needs nothing outside itself. `name` is the song's.
std::string page(const SongAnalysis& song, const std::string& name,
                 std::span<const NamedSignal> signals);

}  // namespace latentreel::music
