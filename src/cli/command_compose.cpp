#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "scenes/scene_error.h"
#include "src/cli/commands.h"
#include "src/cli/exit_codes.h"
#include "src/cli/film_name.h"
#include "src/cli/new_file.h"
#include "src/files/error.h"
#include "src/music/compose_files.h"
#include "src/run/error.h"

namespace latentreel::cli {
namespace {

struct ComposeCommand {
  music::ComposeRequest request;
  std::string every;
  std::string bpm;
};

std::string check_step(const std::string& text) {
  try {
    scenes::parse_step(text);
    return {};
  } catch (const scenes::SceneError& error) {
    return error.what();
  }
}

std::string check_bpm(const std::string& text) {
  const auto bpm = scenes::parse_decimal(text, 6);
  const bool good = bpm && *bpm > scenes::RationalTime() && *bpm <= scenes::RationalTime(1000, 1);
  return good ? "" : "a tempo is above 0 and up to 1000 beats a minute, such as 118.5";
}

// All or none: a scene that is there already is somebody's work.
void refuse_existing(const std::vector<music::ComposedFile>& files) {
  for (const auto& composed : files) {
    const auto& file = composed.file;
    std::error_code error;
    if (!std::filesystem::exists(std::filesystem::symlink_status(file, error))) continue;
    throw render::RenderError(
        render::RenderError::Kind::cannot_create,
        fmt::format("composing {}: it exists already, and nothing was written. Choose another name "
                    "with -o, or move it away first.",
                    file.string()));
  }
}

int compose(const ComposeCommand& command) {
  auto request = command.request;
  if (!command.bpm.empty()) request.options.bpm = scenes::parse_decimal(command.bpm, 6);
  if (!command.every.empty()) request.step = scenes::parse_step(command.every);
  const auto composed = music::compose_files(request);
  refuse_existing(composed);
  for (const auto& [file, text, beats, left_out] : composed) {
    write_new_file(file, text, "scene");
    std::cout << file.string() << '\n';
    if (!beats.empty()) {
      std::cerr << fmt::format("Found {}: {} reads it.\n", files::quoted(beats.string()),
                               file.string());
    }
    if (left_out > 0) {
      std::cerr << fmt::format(
          "warning: lines of the lyrics that come after the song's end have no picture in {}: {}\n",
          file.string(), left_out);
    }
  }
  const auto last = composed.back().file.string();
  std::cerr << fmt::format("Wrote {}. Next: edit the prompts, then run: latentreel {} {}\n", last,
                           composed.size() > 1 ? "batch" : "render", shell_word(last));
  return kDone;
}

}  // namespace

void add_compose(CLI::App& program, int& result) {
  auto options = std::make_shared<ComposeCommand>();
  auto& request = options->request;
  auto* command = program.add_subcommand(
      "compose",
      "Write a scene for a song: a picture for every line of its lyrics, or every few bars");
  command->add_option("song", request.song, "The song, or a folder of songs: then all of an album")
      ->required()
      ->type_name("SONG|FOLDER");
  auto* lyrics =
      command
          ->add_option("lyrics", request.lyrics,
                       "Timed lyrics: .lrc, .srt, .ass or .vtt; in a folder, they stand beside the "
                       "songs and have their names")
          ->type_name("LYRICS");
  command
      ->add_option("-o,--output", request.output,
                   "The scene to write, or the album's manifest (default: beside the song)")
      ->check(CLI::Validator(check_output_name, ""))
      ->type_name("FILE");
  command->add_option("--style", request.options.style, "Words that are joined to every prompt")
      ->type_name("TEXT");
  auto* every =
      command
          ->add_option("--every", options->every,
                       "Without lyrics, how often a picture comes: \"2 bars\", \"8 beats\", 4s "
                       "(default: 4 bars, without a tempo 8s)")
          ->check(CLI::Validator(check_step, ""))
          ->type_name("STEP");
  auto* prompts = command
                      ->add_option("--prompt", request.options.prompts,
                                   "Without lyrics, what a picture shows; several are used in turn")
                      ->expected(1)
                      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
                      ->type_name("TEXT");
  command
      ->add_option("--bpm", options->bpm, "The song's tempo, if its first beat is at its beginning")
      ->check(CLI::Validator(check_bpm, ""))
      ->type_name("BPM");
  command
      ->add_option("--beats", request.beats,
                   "A file with the song's beats, as [music] beats in a scene (default: what "
                   "analyze wrote, beside the scene or the song, or here)")
      ->type_name("FILE");
  every->excludes(lyrics);
  prompts->excludes(lyrics);
  command->footer(
      "Nothing is invented: prompts are the lyrics' lines, or yours, or placeholders. No file is "
      "replaced.\n"
      "Examples:\n"
      "  latentreel compose song.flac song.lrc --style \"watercolor\"\n"
      "  latentreel compose song.flac --bpm 118 --every \"2 bars\" --prompt \"a sun\" --prompt "
      "\"a moon\"\n"
      "  latentreel compose album/ && latentreel batch album/album.toml -o films");
  command->callback([options, &result] { result = compose(*options); });
}

}  // namespace latentreel::cli
