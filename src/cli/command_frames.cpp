#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "scenes/time_text.h"
#include "src/cli/commands.h"
#include "src/cli/common_options.h"
#include "src/cli/exit_codes.h"
#include "src/cli/film_name.h"
#include "src/cli/frame_range.h"
#include "src/cli/job.h"
#include "src/cli/progress_choice.h"
#include "src/cli/signals.h"
#include "src/run/lap_timer.h"

namespace latentreel::cli {
namespace {

struct FramesOptions : CommonOptions {
  std::filesystem::path output;
  std::string at;  // a time text
  bool debug = false;
  std::vector<int> snapshots;  // iterations exported besides the first and the best
};

// The frames that are asked for.
scenes::FrameRange chosen(const FramesOptions& options, const render::RenderJob& job,
                          render::Progress& progress) {
  if (options.at.empty()) return frames_asked(options.range, job, progress);
  const auto time = scenes::parse_time(options.at, scenes::time_context(job.scene));
  const auto frame = scenes::nearest_frame(time, job.scene.video.fps);
  return frames_in_film({frame, frame + 1}, job, progress);
}

int export_frames(const FramesOptions& options) {
  const auto job = make_job(options);
  const auto range = chosen(options, job, *make_progress(options.progress, {}));
  auto progress = make_progress(options.progress, work_of(job, range));
  std::optional<render::DebugRequest> debug;
  if (options.debug) debug = {.iterations = {options.snapshots.begin(), options.snapshots.end()}};
  const render::LapTimer timer;
  const auto written =
      render::render_pictures(job, options.output, range, *progress, stop_token(), debug);
  progress->report(render::DoneReport{
      .output = options.output.string(),
      .frames = written,
      .seconds = timer.seconds(),
      .text = fmt::format("{} frames in {}\n", written, options.output.string())});
  std::cout << options.output.string() << '\n';
  return kDone;
}

}  // namespace

void add_frames(CLI::App& program, int& result) {
  auto options = std::make_shared<FramesOptions>();
  auto* command = program.add_subcommand("frames", "Write frames as PNGs, exactly as encoded");
  add_common_options(*command, *options);
  command->add_option("-o,--output", options->output, "The folder to write into")
      ->check(CLI::Validator(check_output_name, ""))
      ->required()
      ->type_name("DIR");
  add_range_option(*command, *options);
  add_preview_option(*command, *options);
  command
      ->add_option("--at", options->at,
                   "Only the frame at this time: 2.5, \"bar 9\", \"chorus 2\"; a place of the song "
                   "whose name could be a time stands between quotation marks: '\"808\"'")
      ->check(CLI::Validator(check_time, ""))
      ->type_name("TIME")
      ->excludes(command->get_option("--range"));
  auto* debug = command->add_flag(
      "--debug", options->debug,
      "Also write DIR/debug/key-003 for each keyframe that the frames show: prompts.json, "
      "losses.csv and, for its first and its best iteration, the picture, latent, cutouts and "
      "gradients, from which loss and gradients can be recomputed; where the camera moves, also "
      "DIR/debug/pictures with what it looks at; of frames that grow out of one another "
      "DIR/debug/chains.csv and DIR/debug/begun, with footage also DIR/debug/flow");
  command
      ->add_option("--snapshots", options->snapshots,
                   "Further iterations to export, counted from 0 at full size: 0,10,50")
      ->delimiter(',')
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->check(CLI::NonNegativeNumber)
      ->type_name("LIST")
      ->needs(debug);
  command->footer(
      "Examples:\n"
      "  latentreel frames dawn.toml -o stills --range 0:48\n"
      "  latentreel frames dawn.toml -o stills --range \"bar 3:bar 5\"\n"
      "  latentreel frames dawn.toml -o stills --at \"bar 9\"\n"
      "  latentreel frames dawn.toml -o small --preview --at \"bar 9\"\n"
      "  latentreel frames dawn.toml -o stills --at 4s --debug --snapshots 0,10,50");
  command->callback([options, &result] { result = export_frames(*options); });
}

}  // namespace latentreel::cli
