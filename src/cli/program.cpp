#include "src/cli/program.h"

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cerrno>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "scenes/mistakes.h"
#include "src/cli/commands.h"
#include "src/cli/exit_codes.h"
#include "src/cli/signals.h"
#include "src/files/error.h"
#include "src/files/user_folders.h"

namespace latentreel::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  latentreel new dawn.toml                     write a scene to start from\n"
    "  latentreel compose song.flac song.lrc        write a scene for a song and its lyrics\n"
    "  latentreel plan dawn.toml                    check everything, render nothing\n"
    "  latentreel render dawn.toml                  make dawn.mp4\n"
    "  latentreel render dawn.toml -o out.mp4 --set optimize.iterations=20   a quick draft\n"
    "  latentreel frames dawn.toml -o stills --range 0:48                    PNGs of frames\n"
    "  latentreel analyze song.flac                 its beats, bars and sections\n"
    "  latentreel models list                       models on this machine, and those to fetch\n"
    "  latentreel scene dawn.mp4                    the scene that made a film\n\n"
    "Help for one command: latentreel render --help. Ctrl-C loses nothing: run the same command "
    "again to continue.";

// A stream that was closed would give its number to the next file opened, a film perhaps, and
// messages would be written into that.
void open_closed_streams() {
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream) {
    if (fcntl(stream, F_GETFD) < 0 && errno == EBADF) open("/dev/null", O_RDWR);
  }
}

// The home folder in place of the ~ of "~/x" and "--store=~/x", which a shell leaves as it is
// behind quotes and "=": nobody means a folder of that name, and to remove one is dangerous.
std::string with_home(const std::string& argument) {
  const auto equals = argument.starts_with("--") ? argument.find('=') : std::string::npos;
  const auto at = equals == std::string::npos ? 0 : equals + 1;
  if (argument.compare(at, 2, "~/") != 0) return argument;
  const auto home = files::home_folder();
  if (home.empty()) return argument;
  return argument.substr(0, at) + (home / argument.substr(at + 2)).string();
}

int parse(CLI::App& program, int argc, char** argv) {
  std::vector<std::string> arguments;
  for (int i = 0; i < argc; ++i) arguments.push_back(with_home(argv[i]));
  std::vector<char*> pointers;
  for (auto& argument : arguments) pointers.push_back(argument.data());
  try {
    program.parse(argc, pointers.data());
  } catch (const CLI::ParseError& error) {
    // --help and --version come this way too, with exit code 0.
    return program.exit(error) == 0 ? kDone : kUsage;
  }
  return -1;
}

// Whether the first word is a command; else says so.
bool names_a_command(const CLI::App& program, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-' || argv[1][0] == '\0') return true;
  std::vector<std::string_view> known;
  for (const auto* command : program.get_subcommands({})) known.push_back(command->get_name());
  if (std::find(known.begin(), known.end(), argv[1]) != known.end()) return true;
  const auto meant = scenes::did_you_mean(argv[1], known);
  std::cerr << fmt::format("there is no command {}{}{}\nRun with --help for more information.\n",
                           files::quoted(argv[1]), meant.empty() ? "" : "; ", meant);
  return false;
}

}  // namespace

int run_program(int argc, char** argv) {
  open_closed_streams();
  install_signal_handlers();
  CLI::App program(
      "latentreel turns a scene file into a film: for every keyframe a picture is optimized until "
      "CLIP sees the prompt in it, and the film moves from one picture to the next.",
      "latentreel");
  program.set_version_flag("--version", "latentreel " LATENTREEL_VERSION);
  program.require_subcommand(1);
  program.footer(kExamples);
  int result = kDone;
  add_new(program, result);
  add_compose(program, result);
  add_plan(program, result);
  add_render(program, result);
  add_frames(program, result);
  add_batch(program, result);
  add_report(program, result);
  add_task(program, result);
  add_submit(program, result);
  add_status(program, result);
  add_cancel(program, result);
  add_store(program, result);
  add_models(program, result);
  add_analyze(program, result);
  add_scene(program, result);
  add_schema(program, result);
  // Commands run while parsing; what they throw becomes a message and a code.
  if (!names_a_command(program, argc, argv)) return kUsage;
  return guarded([&] {
    const int parsed = parse(program, argc, argv);
    return parsed >= 0 ? parsed : result;
  });
}

}  // namespace latentreel::cli
