#pragma once

namespace CLI {
class App;
}

// The stages of latentreel-train, one file each. Each adds its sub-command, whose exit code goes
// into `result`.

namespace latentreel::train {

void add_world(CLI::App& program, int& result);
void add_vqgan(CLI::App& program, int& result);
void add_clip(CLI::App& program, int& result);
void add_judge(CLI::App& program, int& result);
void add_bank(CLI::App& program, int& result);
void add_selftest(CLI::App& program, int& result);
void add_export(CLI::App& program, int& result);

}  // namespace latentreel::train
