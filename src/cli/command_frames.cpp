#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>

#include "scenes/time_text.h"
#include "src/cli/commands.h"
#include "src/cli/common_options.h"
#include "src/cli/exit_codes.h"
#include "src/cli/job.h"
#include "src/cli/progress_choice.h"
#include "src/cli/signals.h"
#include "src/render/error.h"
#include "src/render/lap_timer.h"

namespace latentreel::cli {
namespace {

struct FramesOptions : CommonOptions {
  std::filesystem::path output;
  std::string range;  // "0:48", either side may be left out
  std::string at;     // a time text
};

std::optional<int64_t> parse_frame(std::string_view text) {
  int64_t frame = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), frame);
  if (error != std::errc() || end != text.data() + text.size() || frame < 0) return std::nullopt;
  return frame;
}

std::string check_range(const std::string& text) {
  const auto colon = text.find(':');
  const auto bad = "\"" + text + "\" is not FIRST:END in frames, such as 0:48, 24: or :10";
  if (colon == std::string::npos) return bad;
  const auto first = text.substr(0, colon), end = text.substr(colon + 1);
  if (!first.empty() && !parse_frame(first)) return bad;
  if (!end.empty() && !parse_frame(end)) return bad;
  return {};
}

// The frames that are asked for, clamped to the film (and that said).
scenes::FrameRange chosen(const FramesOptions& options, const render::RenderJob& job,
                          render::Progress& progress) {
  const auto total = render::timeline_of(job).frame_count();
  scenes::FrameRange range{0, total};
  if (!options.at.empty()) {
    const auto time = scenes::parse_time(options.at, scenes::time_context(job.scene));
    range.first = scenes::nearest_frame(time, job.scene.video.fps);
    range.end = range.first + 1;
  } else if (!options.range.empty()) {
    const auto colon = options.range.find(':');
    range.first = parse_frame(options.range.substr(0, colon)).value_or(0);
    range.end = parse_frame(options.range.substr(colon + 1)).value_or(total);
  }
  const scenes::FrameRange inside{std::clamp<int64_t>(range.first, 0, total),
                                  std::clamp<int64_t>(range.end, 0, total)};
  if (inside.first >= inside.end) {
    throw render::RenderError(render::RenderError::Kind::scene,
                              fmt::format("choosing frames {} to {}: the film has frames 0 to {}.",
                                          range.first, range.end - 1, total - 1));
  }
  if (inside != range) {
    progress.warning(fmt::format("the film ends at frame {}: writing frames {} to {}", total - 1,
                                 inside.first, inside.end - 1));
  }
  return inside;
}

void create_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) return;
  throw render::RenderError(render::RenderError::Kind::cannot_create,
                            fmt::format("creating the folder {}: {}. Choose another with -o.",
                                        folder.string(), error.message()));
}

int export_frames(const FramesOptions& options) {
  const auto job = make_job(options);
  auto progress =
      make_progress(options.progress, work_of(job, render::timeline_of(job).frame_count()));
  const auto range = chosen(options, job, *progress);
  create_folder(options.output);
  const render::LapTimer timer;
  const auto written = render::render_pictures(job, options.output, range, *progress, stop_token());
  progress->done({.output = options.output.string(),
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
      ->required()
      ->type_name("DIR");
  auto* range = command
                    ->add_option("--range", options->range,
                                 "Frames FIRST:END, END not included (default: all)")
                    ->check(CLI::Validator(check_range, ""))
                    ->type_name("FIRST:END");
  command->add_option("--at", options->at, "The one frame at a time: 2.5, \"bar 9\", \"frame 96\"")
      ->type_name("TIME")
      ->excludes(range);
  command->footer(
      "Examples:\n"
      "  latentreel frames dawn.toml -o stills --range 0:48\n"
      "  latentreel frames dawn.toml -o stills --at \"bar 9\"");
  command->callback([options, &result] { result = export_frames(*options); });
}

}  // namespace latentreel::cli
