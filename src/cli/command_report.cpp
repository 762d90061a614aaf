#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "src/cli/commands.h"
#include "src/cli/common_options.h"
#include "src/cli/exit_codes.h"
#include "src/cli/film_name.h"
#include "src/cli/job.h"
#include "src/cli/progress_choice.h"
#include "src/cli/report_of.h"
#include "src/cli/signals.h"
#include "src/run/error.h"
#include "src/run/lap_timer.h"

namespace latentreel::cli {
namespace {

struct ReportOptions : CommonOptions {
  std::filesystem::path output;
  std::filesystem::path film;  // empty: the scene's name
};

int report_scene(const ReportOptions& options) {
  const auto job = make_job(options);
  const auto film = film_file(options.film, options.scene, job.scene);
  if (!std::filesystem::exists(film)) {
    throw render::RenderError(render::RenderError::Kind::missing,
                              fmt::format("reporting on {}: there is no such film. Render it first "
                                          "(latentreel render {}), or name it with --film.",
                                          film.string(), shell_word(options.scene.string())));
  }
  auto progress = make_progress(options.progress, {});
  const render::LapTimer timer;
  render::RenderSession session(job, *progress, stop_token());
  const auto page = write_report_of(session, film, nullptr, {}, options.output, *progress);
  progress->report(
      render::DoneReport{.output = page.string(),
                         .frames = session.plan().timeline().frame_count(),
                         .seconds = timer.seconds(),
                         .text = fmt::format("Open {} in a browser.\n", page.string())});
  std::cout << page.string() << '\n';
  return kDone;
}

}  // namespace

void add_report(CLI::App& program, int& result) {
  auto options = std::make_shared<ReportOptions>();
  auto* command = program.add_subcommand("report", "Explain a finished film in one HTML page");
  add_common_options(*command, *options);
  command->add_option("-o,--output", options->output, "The folder to write index.html into")
      ->check(CLI::Validator(check_output_name, ""))
      ->required()
      ->type_name("DIR");
  command->add_option("--film", options->film, "The film (default: the scene's name)")
      ->type_name("FILE");
  command->footer(
      "The page shows the keyframes at several iterations, losses, what CLIP sees in the film over "
      "time, how evenly it moves, and what to try next. What is no longer in the store is left "
      "out.\n"
      "Examples:\n"
      "  latentreel report dawn.toml -o dawn-report\n"
      "  latentreel render dawn.toml --report dawn-report     render and report in one call");
  command->callback([options, &result] { result = report_scene(*options); });
}

}  // namespace latentreel::cli
