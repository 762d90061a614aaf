#pragma once

#include "src/run/stop.h"

namespace latentreel::cli {

// The one token through which signals request a stop.
render::StopToken& stop_token();

// From now on the first SIGINT or SIGTERM asks for a stop, and a second one ends the program at
// once. SIGPIPE and SIGXFSZ are ignored: writes then fail, and say so. A file that was cut,
// replaced on its server or lost with its disk while it was being read where it is mapped (SIGBUS)
// is named, and ends the program with 75: the next run finds out what is there now.
void install_signal_handlers();

}  // namespace latentreel::cli
