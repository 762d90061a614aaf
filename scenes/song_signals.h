#pragma once

#include <map>
#include <string>
#include <vector>

#include "scenes/signal.h"

// Which signals the expressions of a scene may read, and which of them they do.

namespace latentreel::scenes {

struct Scene;

// Measured signals by their names.
using Signals = std::map<std::string, Signal>;

// Those that exist in every scene with a song: rms, low, mid, high, onsets, percussive, harmonic.
const std::vector<SignalOptions>& default_signals();

// Those of the scene and, where it has none of the name, the default ones; `own`: Scene::signals.
std::vector<SignalOptions> signals_beside(const std::vector<SignalOptions>& own);

// The signals that the scene's curves read: all that has to be measured of its song. In the order
// of signals_beside.
std::vector<SignalOptions> signals_used(const Scene& scene);

}  // namespace latentreel::scenes
