#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>
#include <span>
#include <vector>

#include "scenes/song_signals.h"
#include "src/cli/commands.h"
#include "src/cli/exit_codes.h"
#include "src/cli/film_name.h"
#include "src/cli/signals.h"
#include "src/files/atomic_file.h"
#include "src/files/error.h"
#include "src/files/folders.h"
#include "src/music/analysis.h"
#include "src/music/labels.h"
#include "src/music/page.h"
#include "src/music/signals.h"

namespace latentreel::cli {
namespace {

namespace fs = std::filesystem;

struct AnalyzeOptions {
  fs::path song;
  fs::path output;  // empty: the song's name
  int beats_per_bar = 4;
  bool half = false, twice = false;
  bool page = false;
  bool force = false;
};

fs::path label_file(const AnalyzeOptions& options) {
  if (!options.output.empty()) return options.output;
  return music::label_file_name(options.song);
}

fs::path page_file(const fs::path& labels) {
  return fs::path(labels).replace_extension(".html");
}

// Labels are there to be corrected by hand: that work is not to be lost to a second call.
void refuse_to_replace(const fs::path& labels, bool force) {
  std::error_code ignored;
  if (force || !fs::exists(labels, ignored)) return;
  throw files::FileError(
      files::FileError::Kind::cannot_create,
      fmt::format("writing the beats {}: there is such a file, and somebody may have corrected "
                  "it. Name another one with -o, or replace it with --force.",
                  files::quoted(labels.string())));
}

std::vector<music::NamedSignal> usual_signals(const fs::path& song) {
  const auto& wanted = scenes::default_signals();
  auto measured = music::measure(song, wanted, [] { stop_token().check(); });
  std::vector<music::NamedSignal> signals;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    signals.push_back({.name = wanted[i].name, .signal = std::move(measured[i])});
  }
  return signals;
}

music::Pulse pulse_of(const AnalyzeOptions& options) {
  if (options.half) return music::Pulse::half;
  return options.twice ? music::Pulse::twice : music::Pulse::found;
}

int analyze_song(const AnalyzeOptions& options) {
  const auto labels = label_file(options);
  refuse_to_replace(labels, options.force);
  files::make_folders_for(labels);
  files::AtomicFile out(labels);  // first, so that what cannot be written is known at once
  const auto song = music::analyze(
      options.song, {.beats_per_bar = options.beats_per_bar, .pulse = pulse_of(options)},
      [] { stop_token().check(); });
  out.write(music::label_track(song));
  out.publish();
  std::cout << fmt::format("{}\n{}\n", files::quoted(options.song.string()), music::describe(song));
  std::cout << music::music_lines(song, options.song, labels);
  std::cerr << fmt::format(
      "Wrote {}. Look at it with the song in Audacity (File > Import > "
      "Labels), and correct it there{}.\n",
      labels.string(), song.beats.empty() ? "" : ", or by --half, --double, --beats-per-bar N");
  if (options.page) {
    const auto page = page_file(labels);
    files::write_file(
        page, music::page(song, options.song.filename().string(), usual_signals(options.song)));
    std::cerr << fmt::format("Open {} in a browser.\n", page.string());
  }
  return kDone;
}

}  // namespace

void add_analyze(CLI::App& program, int& result) {
  auto options = std::make_shared<AnalyzeOptions>();
  auto* command = program.add_subcommand("analyze", "Find the beats, bars and sections of a song");
  command->add_option("song", options->song, "The song")->required()->type_name("SONG");
  command
      ->add_option("-o,--output", options->output,
                   "The label file (default: the song's name with .beats.txt, in this folder)")
      ->check(CLI::Validator(check_output_name, ""))
      ->type_name("FILE");
  command->add_option("--beats-per-bar", options->beats_per_bar, "Beats in each bar (default: 4)")
      ->check(CLI::Range(1, 32))
      ->type_name("N");
  auto* half = command->add_flag("--half", options->half, "Keep every second beat");
  command->add_flag("--double", options->twice, "Add a beat between each two")->excludes(half);
  command->add_flag("--page", options->page,
                    "Write an HTML page with wave form, beats and signals beside the label file");
  command->add_flag("--force", options->force, "Replace a label file that is there");
  command->footer(
      "What is found is a suggestion: look at it, correct it, then name it in the scene. Lines for "
      "the scene are printed. Programs often hear half or twice the tempo: that is what --half and "
      "--double are for.\n"
      "Examples:\n"
      "  latentreel analyze song.flac --page\n"
      "  latentreel analyze waltz.mp3 -o waltz.txt --beats-per-bar 3");
  command->callback([options, &result] { result = analyze_song(*options); });
}

}  // namespace latentreel::cli
