#pragma once

namespace latentreel::cli {

// The whole program: parses the arguments, runs the command, returns the exit code.
int run_program(int argc, char** argv);

}  // namespace latentreel::cli
