#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>
#include <thread>

#include "ffmpeg/output_file.h"
#include "src/cli/batch_films.h"
#include "src/cli/commands.h"
#include "src/cli/estimate.h"
#include "src/cli/exit_codes.h"
#include "src/cli/job.h"
#include "src/cli/progress_choice.h"
#include "src/cli/signals.h"
#include "src/farm/worker_pool.h"
#include "src/render/device.h"
#include "src/render/error.h"
#include "src/render/lap_timer.h"

namespace latentreel::cli {
namespace {

// What became of one film.
struct Result {
  std::string scene, film;
  std::string state = "not started";  // "done", "reused", "failed", "stopped", "planned"
  int64_t frames = 0;
  double seconds = 0;  // of work
  std::string error;
  int code = kDone;
};

void fail(Result& result) {
  const auto failure = current_failure();
  result.code = failure.code;
  result.error = failure.text;
  result.state = stop_token().requested() ? "stopped" : "failed";
}

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
  return good ? "" : "\"" + list + "\" is no list of auto, cpu, cuda, cuda:N such as cuda:0,cuda:1";
}

std::vector<Result> results_for(const std::vector<BatchFilm>& films) {
  std::vector<Result> results(films.size());
  for (size_t i = 0; i < films.size(); ++i) results[i].scene = films[i].options.scene.string();
  return results;
}

void create_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) return;
  throw render::RenderError(render::RenderError::Kind::cannot_create,
                            fmt::format("creating the folder {} for the films: {}. Choose another "
                                        "with -o.",
                                        folder.string(), error.message()));
}

// --- One process
// ----------------------------------------------------------------------------------

void render_one(const BatchFilm& film, SharedModels& shared, const BatchOptions& options,
                Result& result) {
  const render::LapTimer timer;
  try {
    stop_token().check();
    const auto job = make_job(film.options);
    const auto progress =
        make_progress(options.progress, work_of(job, render::timeline_of(job).frame_count()));
    OpenFilm open(film, shared, *progress);
    result.film = open.file.string();
    const bool there = open.workshop.walker().done(open.workshop.plan().film, open.file);
    const auto summary = render::render_film(open.workshop, open.file);
    result.frames = summary.film.frames;
    result.state = there ? "reused" : "done";
  } catch (const std::exception&) {
    fail(result);
    std::cerr << result.error << '\n';
  }
  result.seconds = timer.seconds();
}

std::vector<Result> render_here(const std::vector<BatchFilm>& films, const BatchOptions& options) {
  auto results = results_for(films);
  render::NoProgress quiet;
  SharedModels shared(options, quiet);
  for (size_t i = 0; i < films.size() && !stop_token().requested(); ++i) {
    std::cerr << fmt::format("film {} of {}: {}\n", i + 1, films.size(), results[i].scene);
    render_one(films[i], shared, options, results[i]);
  }
  return results;
}

void plan_one(const BatchFilm& film, SharedModels& shared, Result& result) {
  try {
    render::NoProgress quiet;
    OpenFilm open(film, shared, quiet);
    result.film = open.file.string();
    const auto& plan = open.workshop.plan();
    int to_do = 0;
    for (const auto* task : plan.tasks())
      to_do += open.workshop.walker().done(*task, open.file) ? 0 : 1;
    result.frames = plan.timeline.frame_count();
    result.state = fmt::format("{} of {} tasks to do", to_do, plan.tasks().size());
  } catch (const std::exception&) {
    fail(result);
  }
}

// --- Several processes
// ----------------------------------------------------------------------------

// The call of a worker: this batch again, for one device.
std::vector<std::string> worker_command(const BatchOptions& options, const std::string& device) {
  std::vector<std::string> command = {"/proc/self/exe", "batch", "--worker"};
  for (const auto& input : options.inputs) command.push_back(input.string());
  const auto add = [&](const std::string& flag, const std::string& value) {
    if (value.empty()) return;
    command.push_back(flag);
    command.push_back(value);
  };
  add("--device", device);
  add("--threads", std::to_string(options.threads));
  add("--store", store_folder(options).string());
  add("--models", options.models.string());
  add("-o", options.output.string());
  if (options.seed) add("--seed", std::to_string(*options.seed));
  for (const auto& set : options.set) add("--set", set);
  return command;
}

// One line a task, one text a line.
std::string on_one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', '\t');
  return text;
}

int work(const BatchOptions& options) {
  const auto films = batch_films(options);
  render::NoProgress quiet;
  SharedModels shared(options, quiet);
  std::optional<size_t> opened;
  std::unique_ptr<OpenFilm> open;  // the film it last worked for
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream in(line);
    size_t film = 0;
    std::string name;
    in >> film >> name;
    const render::LapTimer timer;
    Failure failure{.code = kDone, .text = {}};
    try {
      stop_token().check();
      if (opened != film) {
        open.reset();
        open = std::make_unique<OpenFilm>(films.at(film), shared, quiet);
        opened = film;
      }
      for (const auto* task : open->workshop.plan().tasks()) {
        if (task->name() == name) open->workshop.walker().task(*task, open->file);
      }
    } catch (const std::exception&) {
      failure = current_failure();
    }
    std::cout << fmt::format("{} {:.3f} {}\n", failure.code, timer.seconds(),
                             on_one_line(failure.text))
              << std::flush;
  }
  return kDone;
}

// Puts the tasks of every film that can be opened on the board; a film that cannot stays empty on
// it.
farm::TaskBoard make_board(const std::vector<BatchFilm>& films, const BatchOptions& options,
                           std::vector<Result>& results) {
  farm::TaskBoard board;
  render::NoProgress quiet;
  SharedModels shared(options, quiet);
  for (size_t i = 0; i < films.size(); ++i) {
    try {
      OpenFilm open(films[i], shared, quiet);
      results[i].film = open.file.string();
      results[i].frames = open.workshop.plan().timeline.frame_count();
      std::set<std::string> done;
      const bool whole = open.workshop.walker().done(open.workshop.plan().film, open.file);
      for (const auto* task : open.workshop.plan().tasks()) {
        if (whole || open.workshop.walker().done(*task, open.file)) done.insert(task->name());
      }
      if (whole) results[i].state = "reused";
      board.add(open.workshop.plan(), done);
    } catch (const std::exception&) {
      fail(results[i]);
      std::cerr << results[i].error << '\n';
      board.add_nothing();
    }
  }
  return board;
}

std::vector<Result> render_on(const std::vector<std::string>& devices,
                              const std::vector<BatchFilm>& films, const BatchOptions& options) {
  auto results = results_for(films);
  auto board = make_board(films, options, results);
  std::vector<std::vector<std::string>> commands;
  for (const auto& device : devices) commands.push_back(worker_command(options, device));
  farm::WorkerPool pool(commands);
  pool.run(board, stop_token(), [&](const farm::Outcome& outcome) {
    auto& result = results[outcome.ticket.film];
    result.seconds += outcome.seconds;
    std::cerr << fmt::format("{}  {}  {}\n", result.scene, outcome.ticket.task,
                             outcome.code == kDone ? fmt::format("{:.1f} s", outcome.seconds)
                                                   : outcome.message)
              << std::flush;
    if (outcome.code == kDone) return;
    result.code = outcome.code;
    result.error = outcome.message;
    result.state = stop_token().requested() ? "stopped" : "failed";
  });
  for (size_t i = 0; i < results.size(); ++i) {
    if (results[i].code == kDone && results[i].state == "not started") {
      results[i].state = board.film_done(i) ? "done" : "stopped";
    }
  }
  return results;
}

// --- Results
// --------------------------------------------------------------------------------------

void print_table(const std::vector<Result>& results) {
  size_t width = 5;
  for (const auto& result : results) width = std::max(width, result.scene.size());
  for (const auto& result : results) {
    std::cout << fmt::format("{:<{}}  {:<12}  {:>7} frames  {:>8}  {}\n", result.scene, width,
                             result.state, result.frames, format_duration(result.seconds),
                             result.error.empty() ? result.film : on_one_line(result.error));
  }
}

void write_results(const std::filesystem::path& file, const std::vector<Result>& results) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& result : results) {
    list.push_back({{"scene", result.scene},
                    {"film", result.film},
                    {"state", result.state},
                    {"frames", result.frames},
                    {"seconds", result.seconds},
                    {"code", result.code},
                    {"error", result.error}});
  }
  const auto text =
      list.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  ffmpeg::OutputFile out(file);
  out.write({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  out.publish();
}

int render_batch(const BatchOptions& options) {
  const auto films = batch_films(options);
  if (!options.dry_run && !options.output.empty()) create_folder(options.output);
  const auto devices = split(options.devices);
  std::vector<Result> results;
  if (options.dry_run) {
    results = results_for(films);
    render::NoProgress quiet;
    SharedModels shared(options, quiet);
    for (size_t i = 0; i < films.size(); ++i) plan_one(films[i], shared, results[i]);
  } else if (devices.size() == 1) {
    results = render_here(films, options);
  } else {
    results = render_on(devices, films, options);
  }
  print_table(results);
  if (!options.results.empty()) write_results(options.results, results);
  if (stop_token().requested()) throw render::Stopped();
  for (const auto& result : results) {
    if (result.code != kDone) return result.code;
  }
  return kDone;
}

// Cores are shared among the workers of a CPU; every film's name depends on the number.
void settle_devices(BatchOptions& options) {
  const auto devices = split(options.devices);
  const auto on_cpu = std::count(devices.begin(), devices.end(), "cpu");
  if (options.threads == 0 && on_cpu > 1) {
    const auto cores = std::max<int64_t>(1, std::thread::hardware_concurrency());
    options.threads = static_cast<int>(std::max<int64_t>(1, cores / on_cpu));
  }
  options.device = devices.front();
}

}  // namespace

void add_batch(CLI::App& program, int& result) {
  auto options = std::make_shared<BatchOptions>();
  auto* command =
      program.add_subcommand("batch", "Render many scenes; one that fails stops no other");
  command->add_option("inputs", options->inputs, "Scenes, or one manifest (TOML with [[film]])")
      ->required()
      ->type_name("SCENE...|MANIFEST");
  command->add_option("-o,--output", options->output, "The folder of the films (default: this one)")
      ->type_name("DIR");
  command->add_option("--results", options->results, "Write what became of each film (JSON)")
      ->type_name("FILE");
  command->add_flag("--dry-run", options->dry_run, "Check and plan everything, render nothing");
  command->add_flag("--worker", options->worker)->group("");
  add_scene_options(*command, *options);
  command->remove_option(command->get_option("--device"));
  command
      ->add_option("--device", options->devices,
                   "auto, cpu, cuda or cuda:N; several, as cuda:0,cuda:1, each get a process")
      ->check(CLI::Validator(check_devices, ""))
      ->capture_default_str();
  command->footer(
      "Networks are loaded once. The same call goes on where a stopped one ended. The exit code is "
      "0 "
      "when every film is there, else that of the first film that failed.\n"
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
      "  latentreel batch album.toml -o films --device cuda:0,cuda:1");
  command->callback([options, &result] {
    settle_devices(*options);
    result = options->worker ? work(*options) : render_batch(*options);
  });
}

}  // namespace latentreel::cli
