#pragma once

namespace CLI {
class App;
}

// The stages of latentreel-train, one file each. Each adds its sub-command; what that gives the
// shell goes into `result`.

namespace latentreel::train {

void add_world(CLI::App& program, int& result);

}  // namespace latentreel::train
