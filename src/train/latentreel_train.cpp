#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "models/training/world/error.h"
#include "src/train/commands.h"

namespace {

// Exit codes as the renderer's: sysexits.
constexpr int kDone = 0, kUsage = 64, kInternal = 70, kCannotCreate = 73;

constexpr const char* kExamples =
    "Examples:\n"
    "  latentreel-train world --sheet sheet.png              what the networks learn from\n"
    "  latentreel-train world --sheet things.png --things    every thing that can be in a picture";

int failed(const std::exception& error, int code) {
  std::cerr << "latentreel-train: " << error.what() << '\n';
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App program("latentreel-train makes the bundled pair of networks, stage by stage.",
                   "latentreel-train");
  program.require_subcommand(1);
  program.footer(kExamples);
  int result = kDone;
  latentreel::train::add_world(program, result);
  try {
    program.parse(argc, argv);
    return result;
  } catch (const CLI::ParseError& error) {
    // --help comes this way too, with exit code 0.
    return program.exit(error) == 0 ? kDone : kUsage;
  } catch (const latentreel::world::WorldError& error) {
    return failed(error, kCannotCreate);
  } catch (const std::exception& error) {
    return failed(error, kInternal);
  }
}
