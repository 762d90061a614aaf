#pragma once

#include <functional>

#include "src/cli/plan_status.h"

namespace latentreel::cli {

// Looks every so many seconds until what is looked at is done or has failed. On a terminal the text
// of each look replaces the one before; elsewhere there is a line for each change, and the text of
// the last look at the end. Returns its exit code, or how a signal ends it.
int watch(const std::function<Look()>& look, double seconds);

}  // namespace latentreel::cli
