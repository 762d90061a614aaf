#include "src/cli/batch_run.h"

#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

#include "src/cli/exit_codes.h"
#include "src/cli/job.h"
#include "src/cli/progress_choice.h"
#include "src/cli/signals.h"
#include "src/farm/worker_pool.h"
#include "src/run/error.h"
#include "src/run/lap_timer.h"

namespace latentreel::cli {
namespace {

void fail(FilmResult& result) {
  const auto failure = current_failure();
  result.code = failure.code;
  result.error = failure.text;
  result.state = stop_token().requested() ? "stopped" : "failed";
}

std::vector<FilmResult> results_for(const std::vector<BatchFilm>& films) {
  std::vector<FilmResult> results(films.size());
  for (size_t i = 0; i < films.size(); ++i) results[i].scene = films[i].options.scene.string();
  return results;
}

void render_one(const BatchFilm& film, SharedModels& shared, const BatchOptions& options,
                FilmResult& result) {
  const render::LapTimer timer;
  try {
    stop_token().check();
    auto job = make_job(film.options);
    const auto progress =
        make_progress(options.progress, work_of(job, {0, render::timeline_of(job).frame_count()}));
    OpenFilm open(film, std::move(job), shared, *progress);
    result.film = open.file.string();
    const auto summary = render::render_film(open.session, open.file);
    result.frames = summary.film.frames;
    result.state = open.session.runner().film_reused() ? "reused" : "done";
  } catch (const std::exception&) {
    fail(result);
    std::cerr << result.error << '\n';
  }
  result.seconds = timer.seconds();
}

void plan_one(const BatchFilm& film, SharedModels& shared, FilmResult& result) {
  try {
    render::NoProgress quiet;
    OpenFilm open(film, shared, quiet);
    result.film = open.file.string();
    const auto& plan = open.session.plan();
    int to_do = 0;
    for (const auto* task : plan.tasks())
      to_do += open.session.runner().done(*task, open.file) ? 0 : 1;
    result.frames = plan.timeline().frame_count();
    result.state = fmt::format("{} of {} tasks to do", to_do, plan.tasks().size());
  } catch (const std::exception&) {
    fail(result);
  }
}

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
  add("--jobs", std::to_string(options.jobs));
  add("--sharers", std::to_string(options.sharers));
  add("--store", store_folder(options).string());
  // What --force has made the workers' store forget is not to come from another one.
  if (!options.force) add("--store-from", options.store_from.string());
  add("--models", options.models.string());
  add("-o", options.output.string());
  if (options.preview) command.push_back("--preview");
  if (options.seed) add("--seed", std::to_string(*options.seed));
  for (const auto& set : options.set) add("--set", set);
  return command;
}

// Puts the tasks of every film that can be opened on the board; a film that cannot stays empty on
// it. With --force what the store has of them goes first: each worker needs what the others make,
// and could not tell it from what was there before.
farm::TaskBoard make_board(const std::vector<BatchFilm>& films, const BatchOptions& options,
                           std::vector<FilmResult>& results) {
  farm::TaskBoard board;
  render::NoProgress quiet;
  SharedModels shared(options, quiet);
  for (size_t i = 0; i < films.size(); ++i) {
    try {
      OpenFilm open(films[i], shared, quiet);
      results[i].film = open.file.string();
      results[i].frames = open.session.plan().timeline().frame_count();
      if (options.force) {
        for (const auto* task : open.session.plan().tasks()) open.session.runner().forget(*task);
      }
      std::set<std::string> done;
      const bool whole = open.session.runner().done(open.session.plan().film, open.file);
      for (const auto* task : open.session.plan().tasks()) {
        if (whole || open.session.runner().done(*task, open.file)) done.insert(task->name());
      }
      if (whole) results[i].state = "reused";
      board.add(open.session.plan(), done);
    } catch (const std::exception&) {
      fail(results[i]);
      std::cerr << results[i].error << '\n';
      board.add_nothing();
    }
  }
  return board;
}

}  // namespace

std::vector<FilmResult> render_here(const std::vector<BatchFilm>& films,
                                    const BatchOptions& options) {
  auto results = results_for(films);
  render::NoProgress quiet;
  SharedModels shared(options, quiet);
  for (size_t i = 0; i < films.size() && !stop_token().requested(); ++i) {
    std::cerr << fmt::format("film {} of {}: {}\n", i + 1, films.size(), results[i].scene);
    render_one(films[i], shared, options, results[i]);
  }
  return results;
}

std::vector<FilmResult> plan_films(const std::vector<BatchFilm>& films,
                                   const BatchOptions& options) {
  auto results = results_for(films);
  render::NoProgress quiet;
  SharedModels shared(options, quiet);
  for (size_t i = 0; i < films.size(); ++i) plan_one(films[i], shared, results[i]);
  return results;
}

int work(BatchOptions options) {
  options.progress = "none";  // the batch has said what is to be said of each scene
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
      for (const auto* task : open->session.plan().tasks()) {
        if (task->name() == name) open->session.runner().task(*task, open->file);
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

std::vector<FilmResult> render_on(const std::vector<std::string>& devices,
                                  const std::vector<BatchFilm>& films,
                                  const BatchOptions& options) {
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

}  // namespace latentreel::cli
