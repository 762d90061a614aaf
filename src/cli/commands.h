#pragma once

namespace CLI {
class App;
}

// One file a command. Each adds its sub-command to the program and the action that runs it; the
// action's result becomes the program's exit code.

namespace latentreel::cli {

void add_new(CLI::App& program, int& result);
void add_compose(CLI::App& program, int& result);
void add_render(CLI::App& program, int& result);
void add_frames(CLI::App& program, int& result);
void add_plan(CLI::App& program, int& result);
void add_report(CLI::App& program, int& result);
void add_batch(CLI::App& program, int& result);
void add_task(CLI::App& program, int& result);
void add_submit(CLI::App& program, int& result);
void add_cancel(CLI::App& program, int& result);
void add_status(CLI::App& program, int& result);
void add_store(CLI::App& program, int& result);
void add_models(CLI::App& program, int& result);  // and what is below it: models_options.h
void add_analyze(CLI::App& program, int& result);
void add_scene(CLI::App& program, int& result);
void add_schema(CLI::App& program, int& result);

}  // namespace latentreel::cli
