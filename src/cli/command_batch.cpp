#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <sstream>
#include <thread>

#include "src/cli/batch_run.h"
#include "src/cli/commands.h"
#include "src/cli/exit_codes.h"
#include "src/cli/signals.h"
#include "src/files/error.h"
#include "src/frames/output_folder.h"
#include "src/run/device.h"

namespace latentreel::cli {
namespace {

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts;
  std::istringstream in(list);
  for (std::string part; std::getline(in, part, ',');) parts.push_back(part);
  return parts;
}

std::string check_devices(const std::string& list) {
  const auto names = split(list);
  const bool good =
      !names.empty() && std::all_of(names.begin(), names.end(), render::is_device_name);
  return good ? ""
              : files::quoted(list) +
                    " is not a list of devices (auto, cpu, cuda, cuda:N) such as cuda:0,cuda:1";
}

int render_batch(const BatchOptions& options) {
  const auto films = batch_films(options);
  if (!options.dry_run && !options.output.empty()) render::prepare_folder(options.output);
  const auto devices = split(options.devices);
  std::vector<FilmResult> results;
  if (options.dry_run) {
    results = plan_films(films, options);
  } else if (devices.size() == 1) {
    results = render_here(films, options);
  } else {
    results = render_on(devices, films, options);
  }
  print_table(results);
  if (!options.results.empty()) write_results(options.results, results);
  stop_token().check();
  for (const auto& result : results) {
    if (result.code != kDone) return result.code;
  }
  return kDone;
}

// Cores and memory are shared among the workers of a CPU.
void settle_devices(BatchOptions& options) {
  const auto devices = split(options.devices);
  const auto on_cpu = std::count(devices.begin(), devices.end(), "cpu");
  if (on_cpu > 1) options.sharers = static_cast<int>(on_cpu);
  options.device = devices.front();
}

}  // namespace

void add_batch(CLI::App& program, int& result) {
  auto options = std::make_shared<BatchOptions>();
  auto* command = program.add_subcommand(
      "batch", "Render many scenes; one that fails does not stop the others");
  command->add_option("inputs", options->inputs, "Scenes, or one manifest (TOML with [[film]])")
      ->required()
      ->type_name("SCENE...|MANIFEST");
  command
      ->add_option("-o,--output", options->output,
                   "The folder for the films (default: the current one)")
      ->type_name("DIR");
  command
      ->add_option("--results", options->results,
                   "Write the outcome of each film to this file (JSON)")
      ->type_name("FILE");
  command->add_flag("--dry-run", options->dry_run, "Check and plan everything, render nothing");
  command->add_flag("--worker", options->worker)->group("");
  command->add_option("--sharers", options->sharers)->group("");
  add_preview_option(*command, *options);
  add_scene_options(*command, *options);
  command->remove_option(command->get_option("--device"));
  command
      ->add_option("--device", options->devices,
                   "auto, cpu, cuda or cuda:N; or several, such as cuda:0,cuda:1, each with a "
                   "process of its own")
      ->check(CLI::Validator(check_devices, ""))
      ->capture_default_str();
  command->footer(
      "The networks are loaded once. After a stop, the same command continues where it ended. The "
      "exit code is 0 when every film is done, otherwise that of the first film that failed.\n"
      "A manifest:\n"
      "  [shared]                    # any keys of a scene\n"
      "  video.fps = 24\n"
      "  [[film]]\n"
      "  scene = \"dawn.toml\"\n"
      "  output = \"01-dawn.mp4\"      # optional\n"
      "  set.optimize.seed = 7       # optional: any keys, for this film\n"
      "Examples:\n"
      "  latentreel batch scenes/*.toml -o films\n"
      "  latentreel batch album.toml -o films --results results.json\n"
      "  latentreel batch album.toml --dry-run\n"
      "  latentreel batch album.toml -o previews --preview\n"
      "  latentreel batch album.toml -o films --device cuda:0,cuda:1");
  command->callback([options, &result] {
    settle_devices(*options);
    result = options->worker ? work(*options) : render_batch(*options);
  });
}

}  // namespace latentreel::cli
