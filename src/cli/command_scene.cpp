#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "ffmpeg/film_check.h"
#include "src/cli/commands.h"
#include "src/cli/exit_codes.h"
#include "src/run/error.h"

namespace latentreel::cli {
namespace {

int print_scene(const std::filesystem::path& film) {
  const auto text = ffmpeg::read_embedded_scene(film);
  if (text.empty()) {
    throw render::RenderError(
        render::RenderError::Kind::scene,
        fmt::format("reading the scene of {}: the film carries none. It was made by another "
                    "program, or with --no-embed-scene.",
                    film.string()));
  }
  std::cout << text;
  return kDone;
}

}  // namespace

void add_scene(CLI::App& program, int& result) {
  auto film = std::make_shared<std::filesystem::path>();
  auto* command = program.add_subcommand("scene", "Print the scene that made a film");
  command->add_option("film", *film, "A film that latentreel made")->required()->type_name("FILM");
  command->footer("Example:\n  latentreel scene dawn.mp4 > dawn-again.toml");
  command->callback([film, &result] { result = print_scene(*film); });
}

}  // namespace latentreel::cli
