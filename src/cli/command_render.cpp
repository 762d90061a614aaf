#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
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
#include "src/cli/sizes.h"
#include "src/run/lap_timer.h"

namespace latentreel::cli {
namespace {

struct RenderOptions : CommonOptions {
  std::filesystem::path output;  // empty: the scene's name with the codec's extension
  bool no_embed_scene = false;
  std::filesystem::path report;  // empty: none
};

std::string song_line(const ffmpeg::SongSummary& song, const std::filesystem::path& film) {
  return fmt::format("  song        {:.2f} s of {:.2f} s, {}\n", song.film_seconds.value(),
                     song.part_seconds.value(), describe(song, film.extension().string()));
}

std::string describe(const render::KeyframeRecord& keyframe) {
  if (keyframe.history.empty()) return "no iterations, from " + keyframe.start;
  return fmt::format("loss {:.4f} -> {:.4f} in {} iterations, from {}",
                     keyframe.history.front().loss,
                     keyframe.history[static_cast<size_t>(keyframe.best_iteration)].loss,
                     keyframe.history.size(), keyframe.start);
}

// What was made, how long each part took, what to try next. `chained`: frames grow out of one
// another.
std::string describe(const render::RenderSummary& summary, const scenes::FilmTracks& tracks,
                     bool chained, const RenderOptions& options,
                     const std::filesystem::path& file) {
  const auto& film = summary.film;
  auto text = fmt::format("{}: {} frames, {:.2f} s, {}\n", file.string(), film.frames,
                          film.seconds.value(), format_bytes(static_cast<double>(film.bytes)));
  for (size_t i = 0; i < summary.optimized.size(); ++i) {
    if (!summary.optimized[i]) continue;
    text += fmt::format("  key:{:<8}{}\n", i, describe(*summary.optimized[i]));
  }
  if (summary.reused > 0) {
    text += fmt::format("  {} keyframe(s) reused from the store\n", summary.reused);
  }
  if (film.song) text += song_line(*film.song, file);
  const auto tracks_text = scenes::describe(tracks);
  if (!tracks_text.empty()) text += fmt::format("  tracks      {}\n", tracks_text);
  text += fmt::format(
      "  took        loading {:.1f} s, optimizing {:.1f} s, {} {:.1f} s, decoding and encoding "
      "{:.1f} s\n",
      summary.loading.seconds, summary.optimizing.seconds, chained ? "feedback" : "pacing",
      chained ? summary.chaining.seconds : summary.pacing.seconds, summary.encoding.seconds);
  text += fmt::format(
      "Next: edit one prompt of {} and render again: only {}\n", shell_word(options.scene.string()),
      chained ? "the frames from there on are made again" : "that keyframe is optimized");
  return text;
}

int render_scene(const RenderOptions& options) {
  auto job = make_film_job(options);
  job.embed_scene = !options.no_embed_scene;
  const auto file = film_file(options.output, options.scene, job.scene, name_of_part(job));
  const auto frames = render::frames_of(job, render::timeline_of(job));
  const auto drawing = make_progress(options.progress, work_of(job, frames));
  render::TaskWatch watch(watch_settings(options), *drawing, stop_token());
  WarningRecord progress(watch);
  const render::LapTimer timer;
  render::RenderSession session(job, progress, stop_token());
  const double loading = timer.seconds();
  auto summary = render::render_film(session, file);
  summary.loading.seconds = loading;
  auto text = describe(summary, render::tracks_of(job), job.scene.feedback.on, options, file);
  if (!options.report.empty()) {
    const auto page =
        write_report_of(session, file, &summary, progress.texts(), options.report, progress);
    text += fmt::format("Report: {}\n", page.string());
  }
  progress.report(render::DoneReport{.output = file.string(),
                                     .frames = summary.film.frames,
                                     .seconds = timer.seconds(),
                                     .text = text});
  std::cout << file.string() << '\n';
  return kDone;
}

}  // namespace

void add_render(CLI::App& program, int& result) {
  auto options = std::make_shared<RenderOptions>();
  auto* command = program.add_subcommand("render", "Render the film of a scene");
  add_common_options(*command, *options);
  command
      ->add_option("-o,--output", options->output,
                   "The film's file, or a folder for it (default: the scene's name, here; with "
                   "-preview, or a range's times, behind it). Folders are made; an older film of "
                   "that name is replaced only by a finished one")
      ->check(CLI::Validator(check_output_name, ""))
      ->type_name("FILE");
  add_range_option(*command, *options);
  add_preview_option(*command, *options);
  add_watch_options(*command, *options);
  command->add_flag("--no-embed-scene", options->no_embed_scene,
                    "Do not store the scene in the film's metadata");
  command
      ->add_option("--report", options->report,
                   "Also explain the film in one HTML page, DIR/index.html")
      ->check(CLI::Validator(check_output_name, ""))
      ->type_name("DIR")
      ->excludes(command->get_option("--range"))  // the page explains whole films
      ->excludes(command->get_option("--preview"));
  command->footer(
      "Examples:\n"
      "  latentreel render dawn.toml\n"
      "  latentreel render dawn.toml -o draft.mp4 --set optimize.iterations=20 --set video.fps=12\n"
      "  latentreel render dawn.toml --preview\n"
      "  latentreel render dawn.toml --range \"bar 9:bar 13\"\n"
      "  latentreel render dawn.toml --report dawn-report\n"
      "  latentreel render dawn.toml --progress json 2> progress.jsonl\n"
      "Ctrl-C keeps the last finished step; the same command then continues to the same film.");
  command->callback([options, &result] { result = render_scene(*options); });
}

}  // namespace latentreel::cli
