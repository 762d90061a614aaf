#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <memory>

#include "src/train/commands.h"
#include "src/train/world/captions.h"
#include "src/train/world/sheet.h"

namespace latentreel::train {
namespace {

struct WorldOptions {
  std::filesystem::path sheet;
  bool words = false;
  bool things = false, colours = false, grounds = false, pictures = false;
  std::uint64_t seed = 1;
  int size = 128, count = 60, columns = 10;
};

std::vector<world::SheetEntry> entries_of(const WorldOptions& options) {
  const bool all = !options.things && !options.colours && !options.grounds && !options.pictures;
  std::vector<world::SheetEntry> entries;
  const auto append = [&](std::vector<world::SheetEntry> more) {
    std::move(more.begin(), more.end(), std::back_inserter(entries));
  };
  if (all || options.things) append(world::thing_entries());
  if (options.colours) append(world::colour_entries());
  if (all || options.grounds) append(world::ground_entries());
  if (all || options.pictures) append(world::picture_entries(options.count, options.seed));
  return entries;
}

}  // namespace

void add_world(CLI::App& program, int& result) {
  auto options = std::make_shared<WorldOptions>();
  CLI::App* command = program.add_subcommand(
      "world", "draw a sheet of the picture book that networks learn from, or name its words");
  CLI::App* either = command->add_option_group("either");
  either->require_option(1);
  either->add_option("--sheet", options->sheet, "PNG to write; captions go beside it as .txt");
  either->add_flag("--words", options->words, "every word that captions are made of, one per line");
  command->add_flag("--things", options->things, "every thing on plain paper");
  command->add_flag("--colours", options->colours, "every thing in every colour");
  command->add_flag("--grounds", options->grounds, "every ground");
  command->add_flag(
      "--pictures", options->pictures,
      "pictures as training sees them (without any of these: things, grounds and pictures)");
  command->add_option("--seed", options->seed, "seed of the pictures")->capture_default_str();
  command->add_option("--count", options->count, "how many pictures")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("--size", options->size, "width and height of each, in pixels")
      ->check(CLI::Range(8, 512))
      ->capture_default_str();
  command->add_option("--columns", options->columns, "pictures per row")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->callback([options, &result] {
    result = 0;
    if (options->words) {
      for (const auto& word : world::known_words()) std::cout << word << '\n';
      return;
    }
    world::write_sheet(options->sheet, entries_of(*options), options->size, options->columns);
    std::cout << options->sheet.string() << '\n';
  });
}

}  // namespace latentreel::train
