#include "src/cli/program.h"

int main(int argc, char** argv) {
  return latentreel::cli::run_program(argc, argv);
}
