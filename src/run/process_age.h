#pragma once

namespace latentreel::render {

// Seconds since this process was begun, which is before main(): what its libraries took to load is
// in it. 0 where that is not known. To a hundredth of a second.
double process_age();

}  // namespace latentreel::render
