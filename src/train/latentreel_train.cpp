#include <CLI/CLI.hpp>
#include <iostream>

#include "src/cli/exit_codes.h"
#include "src/cli/signals.h"
#include "src/train/commands.h"
#include "src/train/world/error.h"

namespace {

namespace cli = latentreel::cli;

constexpr const char* kExamples =
    "Examples:\n"
    "  latentreel-train world --sheet sheet.png              what the networks learn from\n"
    "  latentreel-train world --sheet things.png --things    every thing that can be in a picture\n"
    "  latentreel-train vqgan --minutes 60                   then clip, judge, bank,\n"
    "  latentreel-train export --to pair                     and selftest --pair pair\n"
    "  latentreel-train clip --minutes 240 --resume          continue where it was stopped";

void add_stages(CLI::App& program, int& result) {
  using namespace latentreel::train;
  add_world(program, result);
  add_vqgan(program, result);
  add_clip(program, result);
  add_judge(program, result);
  add_bank(program, result);
  add_export(program, result);
  add_selftest(program, result);
}

int run(CLI::App& program, int argc, char** argv, const int& result) {
  try {
    program.parse(argc, argv);
    return result;
  } catch (const CLI::ParseError& error) {
    // --help comes this way too, with exit code 0.
    return program.exit(error) == 0 ? cli::kDone : cli::kUsage;
  } catch (const latentreel::world::WorldError& error) {
    std::cerr << "latentreel-train: " << error.what() << '\n';
    return cli::kCannotCreate;
  }
}

}  // namespace

int main(int argc, char** argv) {
  int result = cli::kDone;
  CLI::App program("latentreel-train makes the bundled pair of networks, stage by stage.",
                   "latentreel-train");
  program.require_subcommand(1);
  program.footer(kExamples);
  add_stages(program, result);
  cli::install_signal_handlers();
  return cli::guarded([&] { return run(program, argc, argv, result); });
}
