#pragma once

#include <string>
#include <vector>

#include "scenes/document.h"
#include "scenes/file_names.h"
#include "scenes/mistakes.h"
#include "scenes/signal.h"

// Reads and writes [signals]. Internal to the room.

namespace latentreel::scenes {

inline constexpr std::size_t kMaxSignals = 100;

// Those with a mistake are there with their defaults, so that their names are known; `table` may be
// null.
std::vector<SignalOptions> read_signals(const Value* table, NamedFiles& files, Mistakes& mistakes);

// The inline table that reads back as `signal`, but for its name.
std::string signal_text(const SignalOptions& signal);

}  // namespace latentreel::scenes
