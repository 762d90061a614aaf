#pragma once

namespace latentreel::report {

// The pages' style sheet: light and dark, screen and paper.
extern const char* const kPageStyle;

}  // namespace latentreel::report
